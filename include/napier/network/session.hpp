#pragma once
// napier/network/session.hpp — a network made ready to run: each node compiled for its MAC.
//
// What      one MAC for all nodes, or one a node: rules of a pattern and a MAC, the last one that matches wins. A pattern
//           (* any text, ? one character, no regard to case) is matched against node names and operator types, so
//           conv*=float32/mitch6 takes the node conv1 and every Conv. Sessions may share a network
// Steps     start gives an execution, which runs a batch node by node and shows what each reads and writes
// Threads   run, run_node and start are const and may be called from several threads
// Errors    name_error for a rule that matches no node, or only batch norms that are folded away; shape_error when the images do not have the network's input shape
// Checked   tests/network/session_test.cpp

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <napier/network/engine.hpp>
#include <napier/network/fold.hpp>
#include <napier/network/network.hpp>
#include <napier/network/tensor.hpp>

namespace napier {

struct mac_rule {
  std::string pattern;
  const engine* mac;
};

// Glob match over the whole text, ASCII case ignored.
inline bool matches_pattern(std::string_view pattern, std::string_view text) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last * met, and the text it has to cover at least
  std::size_t covered = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      covered = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || lower(pattern[p]) == lower(text[t]))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++covered;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// A template for the same reason as basic_network.
template <class Network>
class basic_session {
 public:
  basic_session(const Network& model, const engine& mac, batch_norm_mode mode = batch_norm_mode::fold,
                std::span<const mac_rule> rules = {})
      : basic_session(
            std::make_shared<const Network>(mode == batch_norm_mode::fold ? fold_batch_norms(model) : model),
            mac, mode, rules, model) {}

  // Of a network as it runs, that other sessions have, too: with mode fold, what fold_batch_norms made.
  basic_session(std::shared_ptr<const Network> running, const engine& mac, batch_norm_mode mode,
                std::span<const mac_rule> rules = {})
      : basic_session(running, mac, mode, rules, *running) {}

  // Throws name_error for a rule that matches nothing of the running network; model: what it was before folding.
  static void check_rules(std::span<const mac_rule> rules, const Network& running, const Network& model) {
    const auto matches_any = [](const mac_rule& rule, const auto& nodes) {
      return std::any_of(nodes.begin(), nodes.end(), [&](const auto& node) { return matches(rule, node); });
    };
    for (const mac_rule& rule : rules) {
      if (rule.mac == nullptr) throw name_error("the rule '" + rule.pattern + "' has no MAC");
      if (matches_any(rule, running.nodes())) continue;
      if (matches_any(rule, model.nodes())) {
        throw name_error(model.source() + ": '" + rule.pattern +
                         "' matches batch norms alone that are folded into convolutions; batch norm "
                         "approximate keeps them");
      }
      std::string names;
      for (const auto& node : running.nodes()) names += (names.empty() ? "" : ", ") + node.name;
      throw name_error(model.source() + ": no node's name or operator type matches '" + rule.pattern +
                       "'; the nodes are " + names);
    }
  }

  // The network as it runs: with mode fold, without the batch norms that were folded.
  const Network& running_network() const { return *network_; }
  const std::string& mac_of(std::size_t node) const { return engines_.at(node); }

  // The MAC itself, where it outlives the session, as those of a registry do.
  const engine& engine_of(std::size_t node) const { return *chosen_.at(node); }
  batch_norm_mode mode() const { return mode_; }

  // A batch on its way through the network, one node a step. The session outlives it.
  class execution {
   public:
    std::size_t node() const { return node_; }  // the one that runs next
    bool is_finished() const { return node_ == session_->layers_.size(); }
    // What it will read.
    std::span<const activation_ptr> inputs() const { return inputs_; }

    // Runs the node; values that no later node reads are dropped, or overwritten where nobody else holds them.
    activation_ptr step() {
      const compiled_layer& compiled = session_->layers_[node_];
      for (std::size_t i = 0; i < inputs_.size(); ++i) {
        if (is_spare(i)) return step(compiled.run_over(inputs_, i));
      }
      return step(compiled(inputs_));
    }
    // The node's output is this one.
    activation_ptr step(activation_ptr output) {
      inputs_.clear();
      values_[node_ + 1] = std::move(output);
      const activation_ptr result = values_[node_ + 1];
      for (const std::size_t value : session_->network_->nodes()[node_].inputs) {
        if (session_->last_reader_[value] == node_) values_[value].reset();
      }
      ++node_;
      collect();
      return result;
    }

    // Of a finished run: batch × output shape, the values of the output's format (exactly, where they have at most 53
    // significant bits).
    std::vector<double> outputs() const { return to_doubles(*values_[session_->network_->output()]); }

   private:
    friend basic_session;

    execution(const basic_session& session, activation_ptr images)
        : session_(&session), values_(session.layers_.size() + 1) {
      values_[0] = std::move(images);
      collect();
    }

    // Held here alone, and read by this node for the last time.
    bool is_spare(std::size_t input) const {
      const std::size_t value = session_->network_->nodes()[node_].inputs[input];
      return session_->last_reader_[value] == node_ && inputs_[input].use_count() == 2;
    }

    void collect() {
      if (is_finished()) return;
      for (const std::size_t value : session_->network_->nodes()[node_].inputs)
        inputs_.push_back(values_[value]);
    }

    const basic_session* session_;
    std::size_t node_ = 0;
    std::vector<activation_ptr> values_;
    std::vector<activation_ptr> inputs_;
  };

  // From now on the node's output is what `stage` makes of it: a function from one input to one output of the same shape.
  void follow(std::size_t node, compiled_layer stage) {
    compiled_layer before = layers_.at(node);
    layers_[node] = [before, stage](std::span<const activation_ptr> inputs) {
      const activation_ptr output = before(inputs);
      return stage(std::span(&output, 1));
    };
  }

  // images: batch × input shape, in any format.
  execution start(activation_ptr images) const {
    if (images->dimensions() == network_->input_shape()) return execution(*this, std::move(images));
    throw shape_error(network_->source() + " takes images of " + to_text(network_->input_shape()) + ", not " +
                      to_text(images->dimensions()));
  }
  execution start(std::span<const float> images) const {
    const std::size_t image_size = element_count(network_->input_shape());
    if (images.size() % image_size != 0) {
      throw shape_error(network_->source() + ": " + std::to_string(images.size()) +
                        " values are no whole number of " + to_text(network_->input_shape()) + " images");
    }
    auto input = std::make_shared<tensor<float>>(images.size() / image_size, network_->input_shape());
    std::copy(images.begin(), images.end(), input->values.begin());
    return start(activation_ptr(std::move(input)));
  }

  // One node alone, on any inputs of its shapes.
  activation_ptr run_node(std::size_t node, std::span<const activation_ptr> inputs) const {
    return layers_.at(node)(inputs);
  }

  // All nodes; the outputs, as execution::outputs gives them.
  std::vector<double> run(std::span<const float> images) const {
    execution all = start(images);
    while (!all.is_finished()) all.step();
    return all.outputs();
  }

 private:
  basic_session(std::shared_ptr<const Network> running, const engine& mac, batch_norm_mode mode,
                std::span<const mac_rule> rules, const Network& model)
      : network_(std::move(running)), mode_(mode) {
    check_rules(rules, *network_, model);
    const auto& nodes = network_->nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const engine* chosen = &mac;
      for (const mac_rule& rule : rules) {
        if (matches(rule, nodes[i])) chosen = rule.mac;
      }
      chosen_.push_back(chosen);
      engines_.push_back(chosen->name());
      layers_.push_back(chosen->compile(nodes[i].operation, network_->shape_of(i + 1), mode));
    }
    last_reader_.assign(nodes.size() + 1, 0);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (const std::size_t value : nodes[i].inputs) last_reader_[value] = i;
    }
    last_reader_[network_->output()] = nodes.size();
  }

  static bool matches(const mac_rule& rule, const auto& node) {
    return matches_pattern(rule.pattern, node.name) || matches_pattern(rule.pattern, node.operator_type);
  }

  static std::vector<double> to_doubles(const activation& values) {
    std::vector<double> result(values.size());
    values.read(0, result);
    return result;
  }

  std::shared_ptr<const Network> network_;
  batch_norm_mode mode_;
  std::vector<compiled_layer> layers_;
  std::vector<const engine*> chosen_;
  std::vector<std::string> engines_;
  std::vector<std::size_t> last_reader_;  // of each value: a node, or one past the last for the output
};

using session = basic_session<network>;

}  // namespace napier
