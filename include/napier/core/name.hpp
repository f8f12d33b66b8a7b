#pragma once
// napier/core/name.hpp — a short text known at compile time: the published name of a format, multiplier or MAC.

namespace napier {

class name {
 public:
  constexpr name() = default;
  constexpr name(const char* text) { append(text); }

  constexpr name& append(const char* text) {
    for (; *text != '\0'; ++text) push(*text);
    return *this;
  }
  constexpr name& append(const name& other) { return append(other.c_str()); }
  constexpr name& append(int number) {
    if (number < 0) {
      push('-');
      number = -number;
    }
    if (number >= 10) append(number / 10);
    push(static_cast<char>('0' + number % 10));
    return *this;
  }

  constexpr const char* c_str() const { return text_; }
  constexpr int size() const { return size_; }

  friend constexpr bool operator==(const name& a, const name& b) {
    if (a.size_ != b.size_) return false;
    for (int i = 0; i < a.size_; ++i) {
      if (a.text_[i] != b.text_[i]) return false;
    }
    return true;
  }

 private:
  static constexpr int capacity = 95;

  constexpr void push(char c) { text_[size_ < capacity ? size_++ : throw "napier::name: text too long"] = c; }

  char text_[capacity + 1] = {};
  int size_ = 0;
};

}  // namespace napier
