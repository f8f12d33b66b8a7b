#pragma once
// The parts of the study: each runs its experiments and sets what the text asks for.

#include "document.hpp"
#include "laboratory.hpp"

namespace napier_study {

// The header of what a table says of a column: smaller widths may be within a point, too, but then not all above them.
inline constexpr const char* from_which_on = "w from which on every w tried is within one point of float32";

void study_widths(laboratory& lab, document& text);
void study_posits(laboratory& lab, document& text);
void study_sums(laboratory& lab, document& text);
void study_layers(laboratory& lab, document& text);
void study_bias(laboratory& lab, document& text);
void study_bfloat16(laboratory& lab, document& text);
void study_depthwise(laboratory& lab, document& text);

}  // namespace napier_study
