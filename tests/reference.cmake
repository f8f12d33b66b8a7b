# cmake -DDOXYGEN=... -DSOURCE=... -DOUTPUT=... -P reference.cmake
#
# The reference of `./run docs` is made without a warning, and these pages have the text of our comments.
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${OUTPUT})
file(MAKE_DIRECTORY ${OUTPUT})
file(READ ${SOURCE}/docs/reference/Doxyfile settings)
file(WRITE ${OUTPUT}/Doxyfile "${settings}\nOUTPUT_DIRECTORY = \"${OUTPUT}\"\n")
execute_process(COMMAND ${DOXYGEN} ${OUTPUT}/Doxyfile WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE status
                OUTPUT_VARIABLE warnings ERROR_VARIABLE warnings)
if(NOT status EQUAL 0 OR warnings)
  message(FATAL_ERROR "doxygen: ${status}\n${warnings}")
endif()

# expect(PAGE TEXT): the text of the page, without its tags.
function(expect page text)
  file(READ ${OUTPUT}/html/${page}.html html)
  string(REGEX REPLACE "<[^>]*>" "" html "${html}")
  string(REGEX REPLACE "[ \n]+" " " html "${html}")
  string(FIND "${html}" "${text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${page}.html: expected '${text}'")
  endif()
endfunction()

expect(classnapier_1_1posit "a non-zero value never becomes zero")      # the head of the header
expect(classnapier_1_1posit "S RRR…R EEE FFF…F")                        # its picture
expect(classnapier_1_1posit "bits above the lowest n are dropped")      # a comment before a member
expect(classnapier_1_1quire "Merges another partial sum")
expect(structnapier_1_1mac "the bias added in the accumulator")
expect(structnapier_1_1mac "the order of the products cannot matter")   # a comment behind a member
expect(namespacenapier "The sum of a[i] × b[i], rounded once")          # of a function: dot
expect(namespacenapier "bias: none, or one a row of c")                 # gemm
expect(index "C++20 headers for the number formats")
message(NOTICE "the reference is as expected")
