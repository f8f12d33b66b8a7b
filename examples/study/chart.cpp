#include "chart.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>

#include <fmt/format.h>

namespace napier_study {

namespace {

constexpr double panel_width = 300;
constexpr double panel_height = 210;
constexpr double left = 52;
constexpr double right = 14;
constexpr double top = 26;
constexpr double bottom = 44;
constexpr std::size_t panels_a_row = 3;

// Okabe and Ito's colours, which the colour-blind can tell apart.
constexpr const char* colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                   "#e69f00", "#56b4e9", "#8c6d31", "#7f7f7f"};

constexpr const char* style =
    "text{font:12px sans-serif;fill:#24292f}.title{font-weight:bold}.axis{stroke:#57606a}"
    ".grid{stroke:#d0d7de;stroke-width:.6}.page{fill:#ffffff}.curve{fill:none;stroke-width:1.8}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.axis{stroke:#8b949e}.grid{stroke:#30363d}"
    ".page{fill:#0d1117}}";

struct axis {
  double low = 0;
  double high = 1;
  bool is_log = false;
  std::vector<double> ticks;

  double share(double value) const {
    return is_log ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  }
};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c == '&' ? std::string("&amp;") : c == '<' ? std::string("&lt;") : std::string(1, c);
  }
  return out;
}

std::string text(double x, double y, const char* attributes, const std::string& words) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, attributes, escaped(words));
}

std::string line(const char* kind, double x1, double y1, double x2, double y2) {
  return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind,
                     x1, y1, x2, y2);
}

void for_each_point(const figure& what, const std::function<void(const point&)>& visit) {
  for (const panel& each : what.panels) {
    for (const curve& drawn : each.curves) std::for_each(drawn.points.begin(), drawn.points.end(), visit);
  }
}

axis linear_axis(double low, double high) {
  if (!(high > low)) high = low + 1;
  double step = std::pow(10, std::floor(std::log10(high - low)));
  if ((high - low) / step < 2) step /= 5;
  if ((high - low) / step < 4) step /= 2;
  axis result{std::floor(low / step) * step, std::ceil(high / step) * step, false, {}};
  for (double tick = result.low; tick < result.high + step / 2; tick += step) result.ticks.push_back(tick);
  return result;
}

axis log_axis(double low, double high) {
  axis result{std::pow(10, std::floor(std::log10(low) + 1e-9)),
              std::pow(10, std::ceil(std::log10(high) - 1e-9)),
              true,
              {}};
  if (!(result.high > result.low)) result.high = 10 * result.low;
  for (double tick = result.low; tick < result.high * 1.5; tick *= 10) result.ticks.push_back(tick);
  return result;
}

axis x_axis_of(const figure& what) {
  if (!what.categories.empty()) {
    return {-0.5, static_cast<double>(what.categories.size()) - 0.5, false, {}};
  }
  double low = INFINITY;
  double high = -INFINITY;
  for_each_point(what, [&](const point& p) {
    low = std::min(low, p.x);
    high = std::max(high, p.x);
  });
  if (what.x_ticks.empty()) return what.log_x ? log_axis(low, high) : linear_axis(low, high);
  axis result{low, high, what.log_x, what.x_ticks};
  if (!what.log_x) {
    result.low -= 0.03 * (high - low);
    result.high += 0.03 * (high - low);
  } else {
    result.low /= 1.1;
    result.high *= 1.1;
  }
  return result;
}

axis y_axis_of(const figure& what) {
  double low = what.categories.empty() ? INFINITY : 0;
  double high = -INFINITY;
  for_each_point(what, [&](const point& p) {
    if (what.log_y && !(p.low > 0)) return;
    low = std::min(low, p.low);
    high = std::max(high, p.high);
  });
  return what.log_y ? log_axis(low, high) : linear_axis(low, high);
}

std::string tick_text(double value) { return std::fabs(value) < 1e-12 ? "0" : fmt::format("{:.6g}", value); }

std::string marker(std::size_t colour, double x, double y) {
  const char* fill = colours[colour % std::size(colours)];
  switch (colour % 4) {
    case 0:
      return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.4\" fill=\"{}\"/>\n", x, y, fill);
    case 1:
      return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"6.4\" height=\"6.4\" fill=\"{}\"/>\n",
                         x - 3.2, y - 3.2, fill);
    case 2:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l4 7h-8z\" fill=\"{}\"/>\n", x, y - 4.2, fill);
    default:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l4 4.2l-4 4.2l-4 -4.2z\" fill=\"{}\"/>\n", x, y - 4.2,
                         fill);
  }
}

class drawing {
 public:
  explicit drawing(const figure& what) : what_(what), x_(x_axis_of(what)), y_(y_axis_of(what)) {
    for (const panel& each : what.panels) {
      for (const curve& drawn : each.curves) {
        if (std::find(names_.begin(), names_.end(), drawn.name) == names_.end()) names_.push_back(drawn.name);
      }
    }
  }

  std::string svg(const std::string& title) {
    const std::size_t across = std::min(panels_a_row, what_.panels.size());
    const std::size_t down = (what_.panels.size() + across - 1) / across;
    const double least = what_.categories.empty() ? 560.0 : 900.0;
    const double width = std::max(static_cast<double>(across) * panel_width, least);
    for (std::size_t i = 0; i < what_.panels.size(); ++i) {
      const bool is_only = what_.panels.size() == 1;
      const std::size_t row = i / across;
      draw(what_.panels[i], static_cast<double>(i % across) * panel_width,
           panel_height * static_cast<double>(row), is_only ? width : panel_width);
    }
    const double height = legend(static_cast<double>(down) * panel_height + 12, width);
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
        "height=\"{1:.0f}\" role=\"img\">\n<title>{2}</title>\n<style>{3}</style>\n"
        "<rect class=\"page\" width=\"{0:.0f}\" height=\"{1:.0f}\"/>\n{4}</svg>\n",
        width, height, escaped(title), style, body_);
  }

 private:
  void draw(const panel& each, double at_x, double at_y, double width) {
    x0_ = at_x + left;
    x1_ = at_x + width - right;
    y0_ = at_y + panel_height - bottom;
    y1_ = at_y + top;
    for (const double tick : y_.ticks) {
      body_ += line("grid", x0_, y_at(tick), x1_, y_at(tick));
      body_ += text(x0_ - 5, y_at(tick) + 4, "text-anchor=\"end\"", tick_text(tick));
    }
    for (const double tick : x_.ticks) {
      body_ += line("axis", x_at(tick), y0_, x_at(tick), y0_ + 4);
      body_ += text(x_at(tick), y0_ + 16, "text-anchor=\"middle\"", tick_text(tick));
    }
    for (std::size_t i = 0; i < what_.categories.size(); ++i) {
      body_ += text(x_at(static_cast<double>(i)), y0_ + 16, "text-anchor=\"middle\"", what_.categories[i]);
    }
    body_ += line("axis", x0_, y0_, x1_, y0_) + line("axis", x0_, y0_, x0_, y1_);
    body_ += text((x0_ + x1_) / 2, at_y + 16, "text-anchor=\"middle\" class=\"title\"", each.title);
    body_ += text((x0_ + x1_) / 2, y0_ + 33, "text-anchor=\"middle\"", what_.x_label);
    const double middle = (y0_ + y1_) / 2;
    const std::string turned =
        fmt::format("text-anchor=\"middle\" transform=\"rotate(-90 {:.1f} {:.1f})\"", at_x + 12, middle);
    body_ += text(at_x + 12, middle, turned.c_str(), what_.y_label);
    for (const curve& drawn : each.curves) {
      what_.categories.empty() ? draw_curve(drawn) : draw_bars(drawn, each.curves.size());
    }
  }

  void draw_curve(const curve& drawn) {
    const std::size_t colour = colour_of(drawn.name);
    const char* stroke = colours[colour % std::size(colours)];
    std::string path;
    std::string markers;
    for (const point& p : drawn.points) {
      if (what_.log_y && !(p.y > 0)) continue;
      const double x = x_at(p.x);
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, y_at(p.y));
      if (drawn.is_dashed) continue;
      markers += whisker(x, p, stroke) + marker(colour, x, y_at(p.y));
    }
    body_ += fmt::format("<path class=\"curve\" d=\"{}\" stroke=\"{}\"{}/>\n", path, stroke,
                         drawn.is_dashed ? " stroke-dasharray=\"6 4\"" : "");
    body_ += markers;
  }

  void draw_bars(const curve& drawn, std::size_t groups) {
    const std::size_t colour = colour_of(drawn.name);
    const double slot = (x_at(1) - x_at(0)) * 0.8;
    const double width = slot / static_cast<double>(groups);
    for (const point& p : drawn.points) {
      const double x = x_at(p.x) - slot / 2 + width * static_cast<double>(colour);
      body_ +=
          fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n",
                      x + 1, y_at(p.y), width - 2, y0_ - y_at(p.y), colours[colour % std::size(colours)]);
      body_ += whisker(x + width / 2, p, "#57606a");
    }
  }

  std::string whisker(double x, const point& p, const char* stroke) const {
    if (p.high <= p.low || (what_.log_y && !(p.low > 0))) return "";
    return fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\" "
        "stroke-width=\"1.2\"/>\n",
        x, y_at(p.low), y_at(p.high), stroke);
  }

  // Returns the height of the picture.
  double legend(double y, double width) {
    double x = left;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double taken = 40 + 6.9 * static_cast<double>(names_[i].size());
      if (x > left && x + taken > width) {
        x = left;
        y += 18;
      }
      const bool is_dashed = dashed(names_[i]);
      const char* stroke = colours[i % std::size(colours)];
      if (what_.categories.empty()) {
        body_ += fmt::format(
            "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
            "stroke-width=\"1.8\"{}/>\n",
            x, y, x + 22, y, stroke, is_dashed ? " stroke-dasharray=\"6 4\"" : "");
        if (!is_dashed) body_ += marker(i, x + 11, y);
      } else {
        body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"14\" height=\"10\" fill=\"{}\"/>\n",
                             x + 6, y - 5, stroke);
      }
      body_ += text(x + 27, y + 4, "", names_[i]);
      x += taken;
    }
    return y + 14;
  }

  bool dashed(const std::string& name) const {
    for (const panel& each : what_.panels) {
      for (const curve& drawn : each.curves) {
        if (drawn.name == name) return drawn.is_dashed;
      }
    }
    return false;
  }

  std::size_t colour_of(const std::string& name) const {
    return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
  }

  double x_at(double value) const { return x0_ + x_.share(value) * (x1_ - x0_); }
  double y_at(double value) const { return y0_ - y_.share(value) * (y0_ - y1_); }

  const figure& what_;
  axis x_;
  axis y_;
  std::vector<std::string> names_;
  std::string body_;
  double x0_ = 0;
  double x1_ = 0;
  double y0_ = 0;
  double y1_ = 0;
};

}  // namespace

std::string svg_of(const figure& what, const std::string& title) { return drawing(what).svg(title); }

}  // namespace napier_study
