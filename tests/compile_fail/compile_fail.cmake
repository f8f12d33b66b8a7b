# cmake -DCXX=... -DINCLUDE=... -DSOURCE=... -P compile_fail.cmake
#
# SOURCE compiles with -DCONTROL; without, it does not, and the compiler's words match the regular expression of its first line.
cmake_minimum_required(VERSION 3.25)

file(STRINGS ${SOURCE} expected LIMIT_COUNT 1)
string(REGEX REPLACE "^// " "" expected "${expected}")
set(ENV{LC_ALL} C) # plain quotes
set(compile ${CXX} -std=c++20 -fsyntax-only -I ${INCLUDE})

execute_process(COMMAND ${compile} -DCONTROL ${SOURCE} RESULT_VARIABLE status ERROR_VARIABLE output)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "the control does not compile:\n${output}")
endif()

execute_process(COMMAND ${compile} ${SOURCE} RESULT_VARIABLE status ERROR_VARIABLE output)
if(status EQUAL 0)
  message(FATAL_ERROR "it compiles; it must not")
endif()
string(REGEX REPLACE "[\n ]+" " " words "${output}") # a reason may stand on the line after
if(NOT words MATCHES "${expected}")
  message(FATAL_ERROR "it does not compile, but not for the reason expected: ${expected}\n${output}")
endif()
