#pragma once

/// Requests for memory that the calling thread has made so far. 0 for ever where a sanitizer owns the allocator.
long ca_count(void);

/// Bytes of those requests.
long ca_bytes(void);

/// The sanitizer that the program was built with: 0 none, 1 AddressSanitizer, 2 ThreadSanitizer.
int ca_sanitizer(void);
