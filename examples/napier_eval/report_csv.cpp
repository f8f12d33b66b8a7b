#include <string>

#include <fmt/format.h>

#include "../common/files.hpp"
#include "report.hpp"

namespace napier_eval {

using napier_tools::csv_field;

std::string csv_of(const std::vector<report>& reports) {
  std::string text = "model,data,images,batch_norm,reference,mac";
  if (!reports.empty()) {
    for (const std::size_t k : reports[0].topk) text += fmt::format(",top{0},top{0}_low,top{0}_high", k);
  }
  text += ",change,lost,gained,p,agreement,logit_error,partial,images_per_second\n";
  for (const report& what : reports) {
    for (const report_row& row : what.rows) {
      text += fmt::format("{},{},{},{},{},{}", csv_field(what.model), csv_field(what.data), row.images,
                          what.batch_norm, what.reference, csv_field(row.mac));
      for (const top_share& top : row.top)
        text += fmt::format(",{},{},{}", top.share, top.interval.low, top.interval.high);
      text += fmt::format(",{},{},{},{},{},{},{},{}\n", row.change, row.against.lost, row.against.gained,
                          row.p, row.accuracy.agreement, row.accuracy.logit_error, row.images < what.images,
                          row.images_per_second);
    }
  }
  return text;
}

}  // namespace napier_eval
