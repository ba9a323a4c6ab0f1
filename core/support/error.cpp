// SPDX-License-Identifier: Apache-2.0
#include "support/error.h"

#include <cerrno>
#include <system_error>

namespace hvlm {

std::string oneLine(const Fault& fault) {
  std::string text = fault.where;
  std::string middle;
  if (!fault.expected.empty()) middle += "expected " + fault.expected;
  if (!fault.found.empty()) middle += (middle.empty() ? "found " : ", found ") + fault.found;
  if (!middle.empty()) text += (text.empty() ? "" : ": ") + middle + ".";
  if (!fault.remedy.empty()) text += (text.empty() ? "" : " ") + fault.remedy;
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

InputError::InputError(Fault fault) : std::runtime_error(oneLine(fault)), fault_(std::move(fault)) {}

InputError systemError(const std::string& where, const std::string& action, int error_number) {
  std::string remedy = "Check the path and try again.";
  switch (error_number) {
    case ENOSPC:
    case EDQUOT: remedy = "Free some space or choose another folder; nothing that was good has been changed."; break;
    case EACCES:
    case EPERM: remedy = "Check the permissions or choose another folder."; break;
    case EROFS: remedy = "The file system is read-only: choose another folder."; break;
    case ENOENT: remedy = "Check the path: nothing is there."; break;
    case EISDIR: remedy = "This is a folder: name a file."; break;
    case ENOTDIR: remedy = "A part of this path is a file: name a folder."; break;
    case EMFILE: remedy = "Too many files are open: close some or raise the limit (ulimit -n)."; break;
    case EIO: remedy = "The disk or the network mount failed: check it, then try again."; break;
    default: break;
  }
  return InputError({.where = where,
                     .expected = "to " + action,
                     .found = std::generic_category().message(error_number),
                     .remedy = remedy});
}

}  // namespace hvlm
