/* Memory that this process uses, from the kernel's book about it: how far something has raised it. */
#pragma once

/* Sanitizers keep memory that was given back. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MEMORY_COUNTS = 0 };
#else
enum { MEMORY_COUNTS = 1 };
#endif

/* Resident memory now, in KiB; the peak begins anew here. */
long memory_begin(void);

/* How far the peak since then lies above it, in KiB. */
long memory_grown(long begin_kib);
