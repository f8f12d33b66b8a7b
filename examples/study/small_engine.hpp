#pragma once
// An engine of the layers that lenet5 and resnet8 have, batch norms folded: a fraction of the compile time of mac_engine.

#include <string>
#include <variant>

#include <napier/core/error.hpp>
#include <napier/network/engine.hpp>

namespace napier_study {

template <napier::Format F, napier::Format B>
[[gnu::noinline]] napier::compiled_layer compile_layer(const napier::detail::any_mac<F, B>& mac,
                                                       const napier::layer& operation,
                                                       const napier::shape& output) {
  using sums = napier::detail::mac_layers<F, B>;
  using others = napier::detail::format_layers<F>;
  if (const auto* what = std::get_if<napier::conv2d_layer>(&operation))
    return sums::compile(mac, *what, output);
  if (const auto* what = std::get_if<napier::fully_connected_layer>(&operation))
    return sums::compile(mac, *what, output);
  if (const auto* what = std::get_if<napier::global_average_pool_layer>(&operation))
    return sums::compile(mac, *what, output);
  if (const auto* what = std::get_if<napier::max_pool_layer>(&operation))
    return others::compile(*what, output);
  if (const auto* what = std::get_if<napier::relu_layer>(&operation)) return others::compile(*what, output);
  if (const auto* what = std::get_if<napier::reshape_layer>(&operation))
    return others::compile(*what, output);
  if (const auto* what = std::get_if<napier::add_layer>(&operation)) return others::compile(*what, output);
  throw napier::model_error(
      "the study's posits run convolutions, fully connected layers, pools, ReLU, reshapes "
      "and additions alone");
}

template <napier::Mac M>
class small_engine final : public napier::engine {
  using F = typename M::format;

 public:
  std::string name() const override {
    static constexpr napier::name published = M::name();
    return published.c_str();
  }
  std::string format_name() const override { return napier::format_traits<F>::name().c_str(); }
  napier::format_kind kind() const override { return napier::format_traits<F>::kind; }

  napier::compiled_layer compile(const napier::layer& operation, const napier::shape& output,
                                 napier::batch_norm_mode) const override {
    return compile_layer(napier::detail::any_mac_of<M>(), operation, output);
  }
};

}  // namespace napier_study
