#pragma once
// Times of two tasks, taken in turn: whatever slows the machine for a while slows both.
//
// What      seconds of the thread's own processor time (CLOCK_THREAD_CPUTIME_ID), so that other programs do not count, and of the
//           wall clock beside it; the median of the runs. The ratio is the median of the ratios of neighbouring runs
// Run       a task is repeated until a run takes least_seconds

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "task.hpp"

namespace napier_bench {

struct seconds {
  double cpu = 0;
  double wall = 0;
};

inline double read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Of one run of `repeats` calls, divided by them.
inline seconds time_of(task& work, int repeats) {
  const seconds start{read_clock(CLOCK_THREAD_CPUTIME_ID), read_clock(CLOCK_MONOTONIC)};
  for (int i = 0; i < repeats; ++i) work.run();
  const double calls = repeats;
  return {(read_clock(CLOCK_THREAD_CPUTIME_ID) - start.cpu) / calls,
          (read_clock(CLOCK_MONOTONIC) - start.wall) / calls};
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// How often a task is repeated in one run; it is also the warm-up.
inline int repeats_of(task& work) {
  constexpr double least_seconds = 3e-3;
  int repeats = 1;
  while (repeats < 1 << 20 && time_of(work, repeats).cpu * repeats < least_seconds) repeats *= 2;
  return repeats;
}

struct comparison {
  seconds time;           // of a call
  seconds baseline_time;  // 0 where there is none
  double ratio = 0;       // baseline's time / time
};

inline comparison measure(task& work, task* baseline, int runs) {
  const int repeats = repeats_of(work);
  const int baseline_repeats = baseline == nullptr ? 0 : repeats_of(*baseline);
  std::vector<double> cpu;
  std::vector<double> wall;
  std::vector<double> baseline_cpu;
  std::vector<double> baseline_wall;
  std::vector<double> ratios;
  for (int i = 0; i < runs; ++i) {
    if (baseline != nullptr) {
      const seconds time = time_of(*baseline, baseline_repeats);
      baseline_cpu.push_back(time.cpu);
      baseline_wall.push_back(time.wall);
    }
    const seconds time = time_of(work, repeats);
    cpu.push_back(time.cpu);
    wall.push_back(time.wall);
    if (baseline != nullptr) ratios.push_back(baseline_cpu.back() / time.cpu);
  }
  if (baseline == nullptr) return {{median(cpu), median(wall)}, {}, 0};
  return {{median(cpu), median(wall)}, {median(baseline_cpu), median(baseline_wall)}, median(ratios)};
}

}  // namespace napier_bench
