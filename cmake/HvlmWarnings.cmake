# SPDX-License-Identifier: Apache-2.0
# Warnings are errors in our own code. Third-party headers come in as SYSTEM and stay silent.
add_library(hvlm_warnings INTERFACE)
target_compile_options(hvlm_warnings INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wextra-semi
  -Wno-missing-field-initializers)

# Extra strictness for code that uses Qt.
add_library(hvlm_qt_strict INTERFACE)
target_compile_definitions(hvlm_qt_strict INTERFACE
  QT_NO_KEYWORDS QT_NO_CAST_FROM_BYTEARRAY QT_NO_URL_CAST_FROM_STRING QT_NO_NARROWING_CONVERSIONS_IN_CONNECT
  QT_DISABLE_DEPRECATED_BEFORE=0x060400)
