/* Defines SANITIZED where a sanitizer has put its own malloc in place: counts and sizes of memory mean nothing then. */
#ifndef SPECRNN_TESTS_SUPPORT_SANITIZED_H
#define SPECRNN_TESTS_SUPPORT_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#endif
