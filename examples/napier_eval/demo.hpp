#pragma once
// `napier-eval demo`: what each arithmetic does to two CNNs on the Fashion-MNIST test images.

#include <cstddef>
#include <string>

namespace napier_eval {

struct demo_options {
  std::size_t limit = 0;  // images; 0: as many as fit into about a minute
  std::size_t threads = 1;
  std::string models;  // folder of lenet5.onnx and resnet8.onnx
  std::string json;    // files to write; empty: none
  std::string csv;
  std::string html;
};

void run_demo(const demo_options& options);

}  // namespace napier_eval
