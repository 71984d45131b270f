# cmake -DOUT=help_texts.cpp -DFOLDER=compiler/diagnostics/help -P EmbedHelp.cmake: the texts of `rexp help` as C++.
file(GLOB files ${FOLDER}/R*.md)
list(SORT files)
set(rows "")
foreach(file IN LISTS files)
  get_filename_component(code ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND rows "    {\"${code}\", R\"help(${text})help\"},\n")
endforeach()
file(WRITE ${OUT} "#include \"compiler/diagnostics/help.h\"

namespace rexp::diagnostics {

std::string_view help_text(std::string_view code) {
  static constexpr std::string_view kTexts[][2] = {
${rows}  };
  for (const auto& [of, text] : kTexts) {
    if (of == code) return text;
  }
  return {};
}

}  // namespace rexp::diagnostics
")
