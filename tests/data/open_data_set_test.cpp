// Data sets by name.
#include <napier/data/open_data_set.hpp>

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/scratch.hpp"

using namespace napier;
using scratch::bytes;

namespace {

const bytes idx_images{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40};
const bytes idx_labels{0, 0, 8, 1, 0, 0, 0, 2, 4, 9};

std::string problem(const std::string& name) {
  return scratch::problem([&] { (void)open_data_set(name); });
}

}  // namespace

TEST_CASE("Fashion-MNIST") {
  const auto set = open_data_set("fashion-mnist");
  CHECK(set->name() == "fashion-mnist");
  CHECK(set->count() == 10000);
  CHECK(set->classes() == 10);
  CHECK(set->picture(9999).bytes.size() == 784);
  CHECK_THROWS_WITH(set->picture(10000), "fashion-mnist: image 10000 of 10000 is not there");
}

TEST_CASE("MNIST by its files' names, IDX by any") {
  const scratch::folder here("mnist");
  const std::string where = here.text();
  CHECK(problem("mnist:" + where) == where + ": expected t10k-images-idx3-ubyte, plain or .gz, found none");
  here.write("t10k-images-idx3-ubyte", idx_images);
  CHECK(problem("mnist:" + where) == where + ": expected t10k-labels-idx1-ubyte, plain or .gz, found none");
  here.write("t10k-labels.idx1-ubyte", idx_labels);
  const auto set = open_data_set("mnist:" + where);
  CHECK(set->name() == "mnist:" + where);
  CHECK(set->labels()[1] == 9);
  const picture second = set->picture(1);
  CHECK((second.channels == 1 && second.height == 1 && second.width == 2));
  CHECK(second.bytes == bytes{30, 40});
  CHECK(problem("mnist:" + where + "/none") == where + "/none: is no folder; expected the one of MNIST");

  here.write("a,b.idx", idx_images);
  here.write("l.idx", idx_labels);
  CHECK(open_data_set("idx:" + here.text("a,b.idx") + "," + here.text("l.idx"))->count() == 2);
  CHECK(problem("idx:" + here.text("a,b.idx")) == here.text("a") + ": cannot be opened");
  CHECK(problem("idx:x") == "'idx:x': expected two files, IMAGES,LABELS");
  CHECK(problem("npy:x,") == "'npy:x,': expected two files, IMAGES,LABELS");
}

TEST_CASE("the others are opened by their readers") {
  const scratch::folder here("others");
  bytes record(3073, 1);
  here.write("test_batch.bin", record);
  CHECK(open_data_set("cifar10:" + here.text())->classes() == 10);
  record.push_back(0);
  here.write("test.bin", record);
  CHECK(open_data_set("cifar100:" + here.text())->classes() == 100);
  CHECK_THAT(problem("images:" + here.text()),
             Catch::EndsWith(": expected a folder for each class, found none"));
  CHECK_THAT(problem("npy:" + here.text("test.bin") + "," + here.text("test.bin")),
             Catch::EndsWith(": expected a .npy file, which starts with \\x93NUMPY"));
}

TEST_CASE("names that are none") {
  for (const char* name : {"", "imagenet", "cifar10", "cifar10:", ":x", "fashion-mnist:", "CIFAR10:x"}) {
    CHECK_THAT(problem(name), Catch::StartsWith("unknown data set '" + std::string(name) +
                                                "'; expected fashion-mnist, mnist:DIR"));
  }
}
