# cmake -DOUT=identity.h -DVERSION=0.1.0 -DFILES=a.h|b.def -P Identity.cmake: a name for what both sides of the wall agree on.
string(REPLACE "|" ";" files "${FILES}")
set(all "${VERSION}")
foreach(file IN LISTS files)
  file(SHA256 ${file} hash)
  string(APPEND all " ${hash}")
endforeach()
string(SHA256 identity "${all}")
string(SUBSTRING ${identity} 0 16 identity)
file(WRITE ${OUT} "// Made by cmake/Identity.cmake.
#pragma once

namespace rexp::abi {

inline constexpr char kVersion[] = \"${VERSION}\";
/// Over the version and the files that both sides of the wall include.
inline constexpr char kIdentity[] = \"${VERSION}-${identity}\";

}  // namespace rexp::abi
")
