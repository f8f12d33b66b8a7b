#include "claims.hpp"

#include <iterator>
#include <vector>

#include <napier/core/error.hpp>

namespace napier_study {

namespace {

constexpr const char* tetc =
    "M. S. Kim, A. A. Del Barrio, H. Kim, N. Bagherzadeh, IEEE TETC 2021 (arXiv 2007.10500), abstract";
constexpr const char* tc =
    "M. S. Kim, A. A. Del Barrio, L. T. Oliveira, R. Hermida, N. Bagherzadeh, IEEE Trans. Computers 68(5), "
    "2019, abstract";
constexpr const char* figures = "Kim, Del Barrio et al., IEEE Trans. Computers 68(5), 2019; IEEE TETC 2021";
constexpr const char* plam =
    "R. Murillo, A. A. Del Barrio, G. Botella et al., IEEE TETC 2021 (arXiv 2102.09262), abstract";
constexpr const char* resnet20 =
    "measured with napier before: ResNet-20 on CIFAR-10, first 1,000 images, approximate batch norms";
constexpr const char* mobilenet =
    "measured with napier before: MobileNet-v1 0.25 on ImageNet, 300 images, 50 to calibrate with, exact "
    "batch norms";

constexpr claim claims[] = {
    {"mitch6", "top-5 accuracy that Mitch-w6 costs ResNet and Inception-v4 on ImageNet, at most", "0.2 %",
     tetc},
    {"mitch8", "accuracy that Mitch-w8 costs on ImageNet", "0.2 %", tc},
    {"sums", "on products and sums, its analytical justification",
     "\"multiplications can be approximated while additions need to be exact\"", tetc},
    {"layers", "on layers",
     "\"identifies the critical factors in the convolution, fully-connected, and batch normalization "
     "layers\"",
     tetc},
    {"bfloat16", "on bfloat16",
     "\"an arithmetic explanation of why bfloat16 multiplication performs well on CNNs\"", tetc},
    {"range", "on the errors that matter", "\"the importance of minimizing the range of error\"", tc},
    {"plam_accuracy", "on PLAM", "\"without accuracy degradation\"", plam},
    {"plam_area", "area that PLAM saves, up to", "72.86 %", plam},
    {"plam_power", "power that PLAM saves, up to", "81.79 %", plam},
    {"plam_delay", "delay that PLAM saves, up to", "17.01 %", plam},
    {"mitchell_bias", "Mitchell's mean relative error", "−3.85 %", figures},
    {"mitch8_bias", "Mitch-w8's", "−4.36 %", figures},
    {"mitch6_bias", "Mitch-w6's", "−5.90 %", figures},
    {"iterative_bias", "two-stage iterative Mitchell's", "−0.99 %",
     "H. Kim, M. S. Kim, A. A. Del Barrio, N. Bagherzadeh, ARITH 2019"},
    {"mbm_bias", "MBM's", "below 0.1 %", "H. Saadat et al., IEEE TCAD 2018"},
    {"resnet20_bits", "bits that suffice once a constant takes the bias out", "four", resnet20},
    {"resnet20_float32", "accuracy of ResNet-20, float32", "91.5 %", resnet20},
    {"resnet20_mitch4", "accuracy of ResNet-20, Mitch-w4", "22.7 %", resnet20},
    {"resnet20_compensated", "accuracy of ResNet-20, Mitch-w4 compensated", "91.4 %", resnet20},
    {"mobilenet_float32", "accuracy of MobileNet-v1, float32", "67.7 %", mobilenet},
    {"mobilenet_mitchell_none", "accuracy of MobileNet-v1, Mitchell", "1.7 %", mobilenet},
    {"mobilenet_mitch6_none", "accuracy of MobileNet-v1, Mitch-w6", "0.0 %", mobilenet},
    {"mobilenet_mitchell_layer", "accuracy of MobileNet-v1, Mitchell, a scale a layer", "19.0 %", mobilenet},
    {"mobilenet_mitch6_layer", "accuracy of MobileNet-v1, Mitch-w6, a scale a layer", "21.3 %", mobilenet},
    {"mobilenet_mitchell_channel", "accuracy of MobileNet-v1, Mitchell, a scale a channel", "47.7 %",
     mobilenet},
    {"mobilenet_mitch6_channel", "accuracy of MobileNet-v1, Mitch-w6, a scale a channel", "48.3 %",
     mobilenet},
    {"mobilenet_mitchell_affine", "accuracy of MobileNet-v1, Mitchell, scale and shift", "56.0 %", mobilenet},
    {"mobilenet_mitch6_affine", "accuracy of MobileNet-v1, Mitch-w6, scale and shift", "53.3 %", mobilenet},
};

}  // namespace

const claim& claim_of(const std::string& key) {
  for (const claim& each : claims) {
    if (each.key == key) return each;
  }
  throw napier::error("the study knows no published '" + key + "'");
}

void set_claims(document& text) {
  std::vector<std::vector<std::string>> rows;
  for (const claim& each : claims) {
    const std::string key = each.key;
    if (!key.ends_with("_bias")) text.set("published_" + key, each.value);  // those stand in part 6's table
    rows.push_back({each.what, each.value, each.source});
  }
  text.set_table("published", {"what", "published", "by"}, rows, 3);
}

}  // namespace napier_study
