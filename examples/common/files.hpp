#pragma once
// The files that the tools read and write. One that is called "-" is standard output.

#include <cstdio>
#include <string>
#include <vector>

namespace napier_tools {

// Throws napier::error for the first path that cannot be written, before hours of work; empty ones are no paths.
void check_writable(const std::vector<std::string>& paths);

// Throws napier::error where two of the files to write are one, or one is a file that is read. Empty paths, devices and pipes do not count.
void check_apart(const std::vector<std::string>& written, const std::vector<std::string>& read = {});

// Where a table for people goes: standard output, or standard error where one of the files is the former.
std::FILE* words_beside(const std::vector<std::string>& written);

// All of the text or no file: it is written beside the target and renamed; straight to a device or pipe. Throws napier::error.
void write_file(const std::string& path, const std::string& text);

// Throws napier::data_error.
std::string read_file(const std::string& path);

// A CSV field; quoted where it has to be.
std::string csv_field(const std::string& text);

}  // namespace napier_tools
