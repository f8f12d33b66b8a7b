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

}  // namespace

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
  if (!search.within_budget) {
    text += fmt::format("NOT within {:.2f} points on the images of the search, even with every layer exact\n",
                        100 * search.budget);
  } else if (!search.validated) {
    text += "warning: chosen and evaluated on the same image; take more images\n";
  } else if (search.validation.found_loss.loss > search.budget) {
    text += fmt::format(
        "warning: on images that the search has not seen the loss is {:.2f} points, above {:.2f}: what is "
        "chosen and\n"
        "evaluated on the same images looks better than it is. Take more images, or a smaller budget\n",
        100 * search.validation.found_loss.loss, 100 * search.budget);
  }
  if (1 / static_cast<double>(search.searched.images) > search.budget) {
    text += fmt::format("warning: one of {} images is {:.2f} points; take more images\n",
                        search.searched.images, 100.0 / static_cast<double>(search.searched.images));
  }
  text += "--mac " + quoted(search.mac);
  for (const std::string& rule : search.layer_macs) text += " --layer-mac " + quoted(rule);
  return text + "\n";
}

}  // namespace napier_eval
