#include "search_report.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace napier_eval {

namespace {

std::string name_of(const searched_layer& layer) {
  std::string text = layer.nodes[0];
  if (layer.nodes.size() > 1) text += fmt::format(" and {} more", layer.nodes.size() - 1);
  return text;
}

std::string row_of(const char* what, const searched_accuracy& a) {
  return fmt::format("{:<10}  {:>6}  {:>8.2f}%  {:>7.2f}%  {:>6.2f}%  {:>+6.2f}  {:+.2f} to {:+.2f}\n", what,
                     a.images, 100 * a.reference, 100 * a.approximate, 100 * a.found, 100 * a.found_loss.loss,
                     100 * a.found_loss.low, 100 * a.found_loss.high);
}

std::string kept(const search_report& search, const char* where, const searched_accuracy& on) {
  return fmt::format("{} on {} ({:+.2f})", keeps_budget(search, on) ? "kept" : "NOT kept", where,
                     100 * on.found_loss.loss);
}

// Where the budget is kept, and how sure that is.
std::string budget_text(const search_report& search) {
  std::string text = fmt::format("budget of {:.2f} points: {}", 100 * search.budget,
                                 kept(search, "searched", search.searched));
  if (search.validated) {
    text +=
        fmt::format(", {}, {}", kept(search, "other", search.validation), kept(search, "all", search.all));
  }
  text += "\n";
  if (!keeps_budget(search, search.searched)) {
    text += fmt::format("even with {} in every layer that was searched the loss is above it\n", search.exact);
  } else if (!search.validated) {
    text += "warning: chosen and evaluated on the same image; take more images\n";
  } else if (!keeps_budget(search, search.validation)) {
    text +=
        "what is chosen and evaluated on the same images looks better than it is; take more images, or a "
        "smaller budget\n";
  } else if (search.all.found_loss.high > search.budget) {
    text += fmt::format("but the loss may be up to {:+.2f} (95 %); to be sure, take more images\n",
                        100 * search.all.found_loss.high);
  }
  return text;
}

}  // namespace

bool keeps_budget(const search_report& search, const searched_accuracy& on) {
  return on.found_loss.loss <= search.budget + 1e-12;  // whatever the last bit of either says
}

std::string quoted(const std::string& word) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./=:,+@%").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string text_of(const search_report& search) {
  std::string text =
      fmt::format("\nWhich layers of {} have to be {}: a loss of top-1 against {} of at most {:.2f} points\n",
                  search.mac, search.exact, search.reference, 100 * search.budget);
  if (!search.calibration.empty())
    text += fmt::format("Each assignment is calibrated anew: {}\n", search.calibration);
  if (!search.complete) text += "PARTIAL: interrupted\n";
  std::size_t width = 5;
  for (const searched_layer& layer : search.layers) width = std::max(width, name_of(layer).size());
  width = std::min<std::size_t>(width, 48);
  if (!search.layers.empty()) {
    text += "One layer alone approximate, all others exact; the most harmful first\n";
    text += fmt::format("{:<{}}  {:>6}  {:>8}  {:>6}  {:>15}  {:>10}\n", "layer", width, "share", "changed",
                        "loss", "95 % of it", "distortion");
  }
  for (const searched_layer& layer : search.layers) {
    const std::string name = name_of(layer);
    text += fmt::format("{:<{}}  {:>5.1f}%  {:>7.2f}%  {:>+6.2f}  {:>15}  {:>10.2e}{}\n",
                        name.size() > width ? ".." + name.substr(name.size() - width + 2) : name, width,
                        100 * layer.share, 100 * layer.changed, 100 * layer.loss.loss,
                        fmt::format("{:+.2f} to {:+.2f}", 100 * layer.loss.low, 100 * layer.loss.high),
                        layer.distortion, layer.exact ? "  exact" : "");
  }
  if (!search.complete) return text;
  const auto exact =
      std::count_if(search.layers.begin(), search.layers.end(), [](const auto& l) { return l.exact; });
  text += fmt::format(
      "{} of {} layers become exact; {:.1f} % of the multiply-accumulates stay approximate ({} runs)\n",
      exact, search.layers.size(), 100 * search.approximate_share, search.runs);
  text += fmt::format("{:<10}  {:>6}  {:>9}  {:>8}  {:>7}  {:>6}  {}\n", "top-1 on", "images", "reference",
                      "no exact", "found", "loss", "95 % of the loss");
  text += row_of("searched", search.searched);
  if (search.validated) text += row_of("other", search.validation);
  if (search.validated) text += row_of("all", search.all);
  text += budget_text(search);
  if (1 / static_cast<double>(search.searched.images) > search.budget) {
    text += fmt::format(
        "warning: {} images cannot show {:.2f} points, for one of them is {:.2f}; take more images\n",
        search.searched.images, 100 * search.budget, 100.0 / static_cast<double>(search.searched.images));
  }
  if (!search.within_budget) text += "what was found, which does NOT keep the budget:\n";
  text += "--mac " + quoted(search.mac);
  for (const std::string& rule : search.layer_macs) text += " --layer-mac " + quoted(rule);
  if (!search.calibrate_arguments.empty()) text += " " + search.calibrate_arguments;
  return text + "\n";
}

}  // namespace napier_eval
