#include "report.hpp"

#include <napier/analysis/mcnemar.hpp>

namespace napier_eval {

report_row make_row(const std::string& mac, const napier::scores& run, const napier::scores& reference,
                    const std::vector<std::size_t>& topk) {
  report_row row;
  row.mac = mac;
  row.images = run.images();
  row.accuracy = napier::compare(run, reference);
  for (const std::size_t k : topk) {
    const std::size_t hits = run.hits(k, row.images);
    row.top.push_back({k, static_cast<double>(hits) / static_cast<double>(row.images),
                       napier::wilson_interval(hits, row.images)});
  }
  row.against = napier::discordant_images(run, reference);
  row.change = (static_cast<double>(row.against.gained) - static_cast<double>(row.against.lost)) /
               static_cast<double>(row.images);
  row.p = napier::mcnemar_p(row.against.lost, row.against.gained);
  row.images_per_second = run.images_per_second();
  return row;
}

}  // namespace napier_eval
