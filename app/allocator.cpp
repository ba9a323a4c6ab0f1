// SPDX-License-Identifier: Apache-2.0
// Options of the allocator that both programs are linked to (app/CMakeLists.txt): one arena for all threads, since the prefetcher's and the
// engine's blocks take turns, pages of 2 MiB where the system has them, since most blocks are tensors of several, and pages that have been
// free for half a second go back to the system. Read by jemalloc before main();
// without jemalloc nobody reads it. Source: jemalloc(3), TUNING.
extern "C" __attribute__((visibility("default"))) const char* malloc_conf;
const char* malloc_conf = "narenas:1,thp:always,dirty_decay_ms:500,muzzy_decay_ms:0";
