// read_idx: any two files give images or a data_error; images have what the header promised.

#include <cstdint>
#include <span>

#include <napier/data/idx.hpp>

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // classes, the size of the labels' file, then both files
  fuzz::input in(data, size);
  const std::size_t classes = in.byte();
  const std::size_t label_bytes = in.bytes(2);
  const std::span<const std::uint8_t> rest(data + (size - in.left()), in.left());
  const std::size_t split = label_bytes < rest.size() ? label_bytes : rest.size();
  try {
    const napier::image_set set =
        napier::read_idx({"images", rest.subspan(split)}, {"labels", rest.first(split)}, "fuzz", classes);
    fuzz::check(set.count > 0 && set.labels.size() == set.count, "idx: a label for each image");
    fuzz::check(set.pixels.size() == set.count * set.image_size(), "idx: all pixels are there");
    fuzz::check(set.image(set.count - 1).size() == set.image_size(), "idx: the last image");
    for (const std::uint16_t label : set.labels)
      fuzz::check(label < classes, "idx: a label is a class", label);
  } catch (const napier::data_error&) {
  }
  return 0;
}
