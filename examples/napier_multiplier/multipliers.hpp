#pragma once
// The list of multipliers. Each is there for every format that it multiplies.

#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>
#include <napier/multipliers/roba.hpp>
#include <napier/multipliers/truncated_array.hpp>

#include "catalogue.hpp"

namespace napier_multiplier {

template <class... Multipliers>
struct multiplier_list {};

using every_multiplier = multiplier_list<napier::exact,                                            //
                                         napier::mitchell,                                         //
                                         napier::mitch<3>, napier::mitch<3, napier::unbiased>,     //
                                         napier::mitch<4>, napier::mitch<4, napier::unbiased>,     //
                                         napier::mitch<5>, napier::mitch<5, napier::unbiased>,     //
                                         napier::mitch<6>, napier::mitch<6, napier::unbiased>,     //
                                         napier::mitch<7>, napier::mitch<7, napier::unbiased>,     //
                                         napier::mitch<8>, napier::mitch<8, napier::unbiased>,     //
                                         napier::mitch<9>, napier::mitch<9, napier::unbiased>,     //
                                         napier::mitch<10>, napier::mitch<10, napier::unbiased>,   //
                                         napier::mitch<12>, napier::mitch<12, napier::unbiased>,   //
                                         napier::mitch<14>, napier::mitch<14, napier::unbiased>,   //
                                         napier::mitch<16>, napier::mitch<16, napier::unbiased>,   //
                                         napier::plam,                                             //
                                         napier::mbm,                                              //
                                         napier::iterative_mitchell<1>,                            //
                                         napier::iterative_mitchell<2>,                            //
                                         napier::iterative_mitchell<3>,                            //
                                         napier::iterative_mitchell<2, 6>,                         //
                                         napier::iterative_mitchell<2, 8>,                         //
                                         napier::drum<3>, napier::drum<4>, napier::drum<5>,        //
                                         napier::drum<6>, napier::drum<7>, napier::drum<8>,        //
                                         napier::roba,                                             //
                                         napier::truncated_array<4>,                               //
                                         napier::truncated_array<6>,                               //
                                         napier::truncated_array<8>,                               //
                                         napier::truncated_array<16>,                              //
                                         napier::truncated_array<4, napier::constant_correction>,  //
                                         napier::truncated_array<6, napier::constant_correction>,  //
                                         napier::truncated_array<8, napier::constant_correction>,  //
                                         napier::truncated_array<16, napier::constant_correction>>;

template <class M, class F>
void add_multiplier(catalogue& all) {
  if constexpr (napier::Multiplier<M, F>) {
    static constexpr napier::name published = M::name();
    all.add(napier::multiplier_under_test::of<M, F>(published.c_str()));
  }
}

template <class F, class... Multipliers>
void add_format(catalogue& all, multiplier_list<Multipliers...>) {
  (add_multiplier<Multipliers, F>(all), ...);
}

template <class... Formats>
void add_formats(catalogue& all) {
  (add_format<Formats>(all, every_multiplier{}), ...);
}

}  // namespace napier_multiplier
