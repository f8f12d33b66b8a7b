"""napier for Conan 2: `conan create .packaging`. The headers alone; napier::onnx, ::data and ::fmt need CMake's package."""

import os
import re

from conan import ConanFile
from conan.tools.files import copy, load


class Napier(ConanFile):
    name = "napier"
    description = "Number formats and approximate multipliers for CNNs"
    license = "MIT"
    package_type = "header-library"
    no_copy_source = True

    def _root(self):
        return os.path.dirname(os.path.abspath(self.recipe_folder))

    def set_version(self):
        text = load(self, os.path.join(self._root(), "CMakeLists.txt"))
        self.version = re.search(r"project\(napier VERSION ([0-9.]+)", text).group(1)

    def export_sources(self):
        for pattern in ("include/*", "LICENSE"):
            copy(self, pattern, self._root(), self.export_sources_folder)

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        for pattern in ("include/*.hpp", "include/*.inc"):
            copy(self, pattern, self.source_folder, self.package_folder)

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_file_name", "napier")
        self.cpp_info.set_property("cmake_target_name", "napier::napier")
