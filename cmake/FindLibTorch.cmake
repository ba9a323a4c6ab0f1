# SPDX-License-Identifier: Apache-2.0
# LibTorch from the unpacked PyPI wheel `torch` (see ./run). The wheel's own TorchConfig.cmake demands a CUDA compiler
# and a GPU, so the two CPU libraries are linked by hand. Looks in LIBTORCH_ROOT (cache or environment), then in the
# cache folder that ./run fills. Defines the target LibTorch and LibTorch_VERSION.
set(_wanted 2.11.0)
if(NOT LIBTORCH_ROOT)
  if(DEFINED ENV{LIBTORCH_ROOT})
    set(LIBTORCH_ROOT $ENV{LIBTORCH_ROOT})
  elseif(DEFINED ENV{XDG_CACHE_HOME} AND IS_ABSOLUTE "$ENV{XDG_CACHE_HOME}")
    set(LIBTORCH_ROOT $ENV{XDG_CACHE_HOME}/hvlm/libtorch-${_wanted}-cu130)
  else()
    set(LIBTORCH_ROOT $ENV{HOME}/.cache/hvlm/libtorch-${_wanted}-cu130)
  endif()
endif()
set(LIBTORCH_ROOT ${LIBTORCH_ROOT} CACHE PATH "Folder that holds the unpacked wheels (torch/, nvidia/)")

find_path(LibTorch_INCLUDE ATen/ATen.h PATHS ${LIBTORCH_ROOT}/torch/include NO_DEFAULT_PATH)
find_library(LibTorch_CPU torch_cpu PATHS ${LIBTORCH_ROOT}/torch/lib NO_DEFAULT_PATH)
find_library(LibTorch_OpenMP NAMES libgomp.so.1 PATHS ${LIBTORCH_ROOT}/torch/lib NO_DEFAULT_PATH)
find_library(LibTorch_C10 c10 PATHS ${LIBTORCH_ROOT}/torch/lib NO_DEFAULT_PATH)
if(EXISTS ${LIBTORCH_ROOT}/torch/version.py)
  file(STRINGS ${LIBTORCH_ROOT}/torch/version.py _line REGEX "^__version__ = ")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" LibTorch_VERSION "${_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU LibTorch_C10 LibTorch_OpenMP LibTorch_INCLUDE VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Run ./run --setup-only once, or set LIBTORCH_ROOT to a folder with the unpacked torch ${_wanted} wheel.")

if(LibTorch_FOUND AND NOT TARGET LibTorch)
  add_library(LibTorch INTERFACE)
  target_include_directories(LibTorch SYSTEM INTERFACE
    ${LibTorch_INCLUDE} ${LibTorch_INCLUDE}/torch/csrc/api/include)
  target_link_libraries(LibTorch INTERFACE ${LibTorch_CPU} ${LibTorch_C10})
  # The wheel's libraries find libcudart and libcupti by their own RPATH; ours find the wheel by this one.
  target_link_options(LibTorch INTERFACE "LINKER:-rpath,${LIBTORCH_ROOT}/torch/lib" "LINKER:--disable-new-dtags"
    "LINKER:--allow-shlib-undefined")
  # For targets that call at::parallel_for: its template is compiled with them, and without OpenMP it runs on one thread. The library
  # is the wheel's own, so that there is one pool of threads.
  add_library(LibTorchThreads INTERFACE)
  target_compile_options(LibTorchThreads INTERFACE -fopenmp)
  target_link_libraries(LibTorchThreads INTERFACE LibTorch ${LibTorch_OpenMP})
endif()
mark_as_advanced(LibTorch_INCLUDE LibTorch_CPU LibTorch_C10 LibTorch_OpenMP)
