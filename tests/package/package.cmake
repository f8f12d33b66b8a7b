# cmake -DWAY=... -DSOURCE=... -DBUILD=... -DWORK=... -DCXX=... -DGENERATOR=... -P package.cmake
#
# One way to use napier, from a folder of its own (WORK, emptied first) to the output of a program: see the ways below.
cmake_minimum_required(VERSION 3.25)

set(prefix ${WORK}/../install/prefix)
set(here ${SOURCE}/tests/package)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "${line}\n${output}\nstatus: ${status}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(run_consumer program)
  run(${program} ${ARGN})
  if(NOT output STREQUAL "napier: ok\n")
    message(FATAL_ERROR "expected 'napier: ok', found '${output}'")
  endif()
endfunction()

# build_consumer(FOLDER OPTION...): configures and builds it in WORK/build.
function(build_consumer folder)
  run(${CMAKE_COMMAND} -S ${here}/${folder} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX}
      -DCMAKE_BUILD_TYPE=Debug -DCMAKE_INSTALL_PREFIX=${WORK}/prefix ${ARGN})
  run(${CMAKE_COMMAND} --build ${WORK}/build --target consumer)
endfunction()

# Nothing of napier is installed with a project that it is part of, unless the project asks for it.
function(expect_opt_in)
  run(${CMAKE_COMMAND} --install ${WORK}/build)
  file(GLOB_RECURSE found ${WORK}/prefix/*napier*)
  if(found)
    message(FATAL_ERROR "installed without being asked to: ${found}")
  endif()
  run(${CMAKE_COMMAND} -DNAPIER_INSTALL=ON ${WORK}/build)
  run(${CMAKE_COMMAND} --install ${WORK}/build)
  if(NOT EXISTS ${WORK}/prefix/include/napier/napier.hpp)
    message(FATAL_ERROR "NAPIER_INSTALL=ON installs no headers")
  endif()
endfunction()

# The folder holds what include/ holds, no more and no less.
function(expect_headers folder)
  file(GLOB_RECURSE ours RELATIVE ${SOURCE}/include ${SOURCE}/include/*)
  file(GLOB_RECURSE theirs RELATIVE ${folder} ${folder}/*)
  list(SORT ours)
  list(SORT theirs)
  if(NOT ours OR NOT "${ours}" STREQUAL "${theirs}")
    message(FATAL_ERROR "installed are\n${theirs}\nnot\n${ours}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

if(WAY STREQUAL "install")
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
  expect_headers(${prefix}/include)
elseif(WAY STREQUAL "find_package")
  build_consumer(consumer -DHOW=find_package -DCMAKE_PREFIX_PATH=${prefix})
  run_consumer(${WORK}/build/consumer)
elseif(WAY STREQUAL "components")
  build_consumer(components -DCMAKE_PREFIX_PATH=${prefix})
  run_consumer(${WORK}/build/consumer ${SOURCE}/examples/models/lenet5.onnx)
elseif(WAY STREQUAL "add_subdirectory" OR WAY STREQUAL "FetchContent")
  build_consumer(consumer -DHOW=${WAY} -DNAPIER_SOURCE_DIR=${SOURCE})
  run_consumer(${WORK}/build/consumer)
  expect_opt_in()
elseif(WAY STREQUAL "include")
  run(${CXX} -std=c++20 -I ${SOURCE}/include ${here}/consumer/main.cpp -o ${WORK}/consumer)
  run_consumer(${WORK}/consumer)
elseif(WAY STREQUAL "pkg_config")
  set(ENV{PKG_CONFIG_PATH} ${prefix}/share/pkgconfig)
  run(${PKG_CONFIG} --exists "napier >= 0.1")
  run(${PKG_CONFIG} --cflags napier)
  separate_arguments(flags UNIX_COMMAND "${output}")
  run(${CXX} -std=c++20 ${flags} ${here}/consumer/main.cpp -o ${WORK}/consumer)
  run_consumer(${WORK}/consumer)
elseif(WAY STREQUAL "manifests")
  file(READ ${SOURCE}/.packaging/vcpkg.json manifest)
  string(JSON version GET "${manifest}" version)
  file(STRINGS ${SOURCE}/CMakeLists.txt project REGEX "^project\\(napier VERSION ${version} ")
  if(NOT project)
    message(FATAL_ERROR "vcpkg.json has version ${version}, CMakeLists.txt another")
  endif()
  # Conan's recipe with the four calls of Conan that it uses: it finds the version, and packages what is installed.
  file(WRITE ${WORK}/conan/__init__.py "class ConanFile:\n    pass\n")
  file(WRITE ${WORK}/conan/tools/__init__.py "")
  file(WRITE ${WORK}/conan/tools/files.py [[
import fnmatch, os, shutil
def load(recipe, path):
    return open(path, encoding="utf-8").read()
def copy(recipe, pattern, source, target):
    for folder, _, names in os.walk(source):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), source)
            if fnmatch.fnmatch(path, pattern):
                os.makedirs(os.path.dirname(os.path.join(target, path)), exist_ok=True)
                shutil.copy(os.path.join(source, path), os.path.join(target, path))
]])
  file(WRITE ${WORK}/package.py [[
import sys
work, recipe_folder, version = sys.argv[1:]
sys.dont_write_bytecode = True
sys.path[:0] = [work, recipe_folder]
from conanfile import Napier
recipe = Napier()
recipe.recipe_folder = recipe_folder
recipe.source_folder = recipe.export_sources_folder = work + "/source"
recipe.package_folder = work + "/package"
recipe.set_version()
recipe.export_sources()
recipe.package()
assert recipe.version == version, recipe.version
]])
  run(${PYTHON} ${WORK}/package.py ${WORK} ${SOURCE}/.packaging ${version})
  expect_headers(${WORK}/package/include)
else()
  message(FATAL_ERROR "WAY: there is no '${WAY}'")
endif()
