# The C++ blocks of the README and the docs, each a program of its own, compile: snippets(TARGET FILE...).
function(snippets target)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/snippets)
  file(MAKE_DIRECTORY ${folder})
  set(sources)
  foreach(document IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${document})
    cmake_path(GET document STEM name)
    execute_process(
      COMMAND awk -v "prefix=${folder}/${name}_" [[
        /^```/ { if (file != "") close(file); file = ($0 == "```cpp") ? prefix (++count) ".cpp.new" : ""; next }
        file != "" { print > file }
        END { print count + 0 }]] ${document}
      OUTPUT_VARIABLE count OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    if(count EQUAL 0)
      continue()
    endif()
    foreach(i RANGE 1 ${count})
      file(COPY_FILE ${folder}/${name}_${i}.cpp.new ${folder}/${name}_${i}.cpp ONLY_IF_DIFFERENT)
      list(APPEND sources ${folder}/${name}_${i}.cpp)
    endforeach()
  endforeach()
  if(NOT sources)
    message(FATAL_ERROR "napier: no C++ block in ${ARGN}")
  endif()
  add_library(${target} OBJECT ${sources})
  target_link_libraries(${target} PRIVATE napier::napier napier_development)
endfunction()
