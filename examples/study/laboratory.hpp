#pragma once
// Networks run under an arithmetic; each run is made once.

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "own_arithmetic.hpp"

namespace napier_study {

inline const std::vector<std::string> networks = {"lenet5", "vgg8", "resnet8", "resnext11", "mobilenet18"};
const char* title_of(const std::string& network);

enum class batch_norm { fold, exact, approximate };

struct setting {
  std::string network;
  std::string mac;  // of napier's tools or of the study; empty: `own`
  batch_norm norm = batch_norm::fold;
  std::vector<std::string> approximated = {};  // patterns of layers; others run in float32. None: all
  own_arithmetic own = {};
  // Corrections fitted to the first images of the training set: layer, channel or affine (scale and shift a channel).
  std::string calibration = {};
  std::size_t calibration_images = 0;
};

// An image each: was the answer the label's?
struct outcome {
  std::vector<bool> right;

  std::size_t correct() const;
  double share() const { return static_cast<double>(correct()) / static_cast<double>(right.size()); }
};

// A layer whose products are approximated; errors are root mean squares over that of the layer's output.
struct layer_error {
  std::string node;
  std::size_t products = 0;  // a sum
  double share = 0;          // of all products of the network
  double local = 0;          // with exact inputs
  double accumulated = 0;    // with what the layers before it did
};

// Multiplications of a network.
struct network_size {
  std::size_t products = 0;  // an image
  std::size_t longest = 0;   // sum of products
};

class laboratory {
 public:
  laboratory(const std::filesystem::path& models, std::size_t images, std::size_t threads);
  ~laboratory();

  std::size_t images() const { return images_; }
  // The first images() of the test set.
  const outcome& run(const setting& what);
  const outcome& float32(const std::string& network, batch_norm norm = batch_norm::fold) {
    return run({network, "float32", norm});
  }
  network_size size_of(const std::string& network) const;
  // Against float32, on the first layer_error_images(): a tenth of the images.
  std::size_t layer_error_images() const { return images_ < 20 ? 1 : images_ / 10; }
  std::vector<layer_error> layer_errors(const setting& what) const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
  std::size_t images_;
  std::size_t threads_;
  std::map<std::string, outcome> outcomes_;
};

}  // namespace napier_study
