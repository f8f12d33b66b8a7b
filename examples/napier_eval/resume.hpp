#pragma once
// Going on from a file that --json wrote.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <napier/analysis/scores.hpp>
#include <napier/data/data_set.hpp>
#include <napier/network/network.hpp>

#include "report.hpp"

namespace napier_eval {

// The images that a run gets wrong, "17:3:1 25:5:2": the image's place in the run, the answer, and the label's rank. (Of the others
// the answer is the label.)
std::string text_of_wrong(const napier::scores& run);

// 64 bits, in hexadecimal digits; FNV-1a of a file's bytes.
std::string hash_of_file(const std::string& path);
// Names, shapes and constants of the nodes.
std::string hash_of_weights(const napier::network& model);
// Of the file, and of weights that lie in others.
std::string hash_of_model(const std::string& path, const napier::network& model);
// Of all labels, and of the pictures that are used.
std::string hash_of_pictures(const napier::data_set& images, std::span<const std::size_t> used);
std::string hash_of_images(const napier::data_set& images, std::span<const std::size_t> chosen);

// What the file holds.
struct resumed {
  std::vector<std::string> macs;  // of the rows, without the MACs of layers
  std::vector<run_state> states;
};

// Throws napier::data_error, naming the file, for one that is no such JSON, or of a run that differs from `expected` in anything but
// the list of MACs. labels: of the images, in their order.
resumed read_resume(const std::string& path, const report& expected, std::span<const std::uint32_t> labels);

}  // namespace napier_eval
