// std::visit with one lambda per alternative.
#pragma once

namespace rexp::eval {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace rexp::eval
