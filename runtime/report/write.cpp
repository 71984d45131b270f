#include "runtime/report/report.h"
#include "runtime/store/file.h"

namespace rexp::report {

Status write_report(const ReportData& data, const std::string& folder) {
  REXP_TRY(store::make_folder(folder));
  REXP_TRY(store::replace_file(folder + "/table.txt", terminal_table(data)));
  return store::replace_file(folder + "/report.html", html_page(data));
}

}  // namespace rexp::report
