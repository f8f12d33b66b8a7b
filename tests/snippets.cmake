# The C++ blocks of the README and the docs, each a program of its own, compile: snippets(TARGET FILE...). One with a block
# of text right below it prints that text: test DOCUMENT/NUMBER.
function(snippets target)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/snippets)
  file(MAKE_DIRECTORY ${folder})
  file(GLOB old ${folder}/*.txt)
  file(REMOVE ${old} ignored)
  set(sources)
  foreach(document IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${document})
    cmake_path(GET document STEM name)
    execute_process(
      COMMAND awk -v "prefix=${folder}/${name}_" [[
        /^```/ {
          if (file != "") close(file)
          is_output = $0 == "```text" && after_program
          file = $0 == "```cpp" ? prefix (++count) ".cpp.new" : is_output ? prefix count ".txt" : ""
          if (is_output) printf "" > file
          after_program = 0
          was_program = $0 == "```cpp" || ($0 == "```" && was_program)
          if ($0 == "```") { after_program = was_program; was_program = 0 }
          next
        }
        file != "" { print > file; next }
        /./ { after_program = 0 }
        END { print count + 0 }]] ${document}
      OUTPUT_VARIABLE count OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    if(count EQUAL 0)
      continue()
    endif()
    foreach(i RANGE 1 ${count})
      file(COPY_FILE ${folder}/${name}_${i}.cpp.new ${folder}/${name}_${i}.cpp ONLY_IF_DIFFERENT)
      if(EXISTS ${folder}/${name}_${i}.txt)
        add_executable(${name}_${i} ${folder}/${name}_${i}.cpp)
        target_link_libraries(${name}_${i} PRIVATE napier::napier napier_development)
        add_dependencies(fast_tests ${name}_${i})
        add_test(NAME ${name}/${i} COMMAND sh -c "'$<TARGET_FILE:${name}_${i}>' | diff '${folder}/${name}_${i}.txt' -")
        set_tests_properties(${name}/${i} PROPERTIES LABELS fast TIMEOUT 60)
      else()
        list(APPEND sources ${folder}/${name}_${i}.cpp)
      endif()
    endforeach()
  endforeach()
  if(NOT sources)
    message(FATAL_ERROR "napier: no C++ block in ${ARGN}")
  endif()
  add_library(${target} OBJECT ${sources})
  target_link_libraries(${target} PRIVATE napier::napier napier_development)
endfunction()
