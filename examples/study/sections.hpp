#pragma once
// The parts of the study: each runs its experiments and sets what the text asks for.

#include "document.hpp"
#include "laboratory.hpp"

namespace napier_study {

void study_widths(laboratory& lab, document& text);
void study_posits(laboratory& lab, document& text);
void study_sums(laboratory& lab, document& text);
void study_layers(laboratory& lab, document& text);
void study_bias(laboratory& lab, document& text);
void study_bfloat16(laboratory& lab, document& text);
void study_depthwise(laboratory& lab, document& text);

}  // namespace napier_study
