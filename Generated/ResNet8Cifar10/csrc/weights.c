/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
/*
 * The weights file: mapped, checked, and never trusted.
 *
 *   offset  bytes
 *        0      8  "RESNETCW"
 *        8      4  format version
 *       12      4  reserved; written as zero
 *       16     32  fingerprint of the network and of the order of its weights
 *       48      8  bytes of the payload
 *       56   4040  reserved; written as zero
 *     4096         the payload: float32 and float16 in the kernels' order
 *  at its end   8  XXH64 of the XXH64 of the payload's pieces
 *
 * Numbers are little-endian, as on every processor that the library is made for.
 */
#define _GNU_SOURCE
#include "weights.h"
#include "team.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FORMAT_VERSION = 2, PAYLOAD_OFFSET = 4096 };

#define PAYLOAD_BYTES ((size_t)1657920)

/* All but the last are of this size. */
#define PIECE_BYTES ((size_t)1048576)

enum { PIECES = 2 };

static const unsigned char fingerprint[32] = {
    0xc0, 0x98, 0x5e, 0x5f, 0x10, 0x0f, 0xc3, 0xf9, 0xf6, 0x6a, 0x29, 0x31, 0xaf, 0x8b, 0x07, 0xf0,
    0x96, 0x48, 0x6c, 0x5c, 0xac, 0x5a, 0x0e, 0x5a, 0x4a, 0x8b, 0xb1, 0x8d, 0xd7, 0xab, 0xa5, 0x21,
};

static uint64_t load64(const unsigned char *p) {
  uint64_t value;
  memcpy(&value, p, sizeof value);
  return value;
}

static uint32_t load32(const unsigned char *p) {
  uint32_t value;
  memcpy(&value, p, sizeof value);
  return value;
}

/* XXH64 with seed 0 by Yann Collet, from its specification (github.com/Cyan4973/xxHash). */
static const uint64_t prime1 = 0x9E3779B185EBCA87u;
static const uint64_t prime2 = 0xC2B2AE3D27D4EB4Fu;
static const uint64_t prime3 = 0x165667B19E3779F9u;
static const uint64_t prime4 = 0x85EBCA77C2B2AE63u;
static const uint64_t prime5 = 0x27D4EB2F165667C5u;

static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static uint64_t round64(uint64_t lane, uint64_t input) {
  return rotate(lane + input * prime2, 31) * prime1;
}

static uint64_t merge(uint64_t hash, uint64_t lane) {
  return (hash ^ round64(0, lane)) * prime1 + prime4;
}

uint64_t resnet8_cifar10_checksum(const unsigned char *p, size_t count) {
  const unsigned char *end = p + count;
  uint64_t hash = prime5;
  if (count >= 32) {
    uint64_t a = prime1 + prime2, b = prime2, c = 0, d = 0 - prime1;
    for (; end - p >= 32; p += 32) {
      a = round64(a, load64(p));
      b = round64(b, load64(p + 8));
      c = round64(c, load64(p + 16));
      d = round64(d, load64(p + 24));
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    hash = merge(merge(merge(merge(hash, a), b), c), d);
  }
  hash += count;
  for (; end - p >= 8; p += 8) hash = rotate(hash ^ round64(0, load64(p)), 27) * prime1 + prime4;
  for (; end - p >= 4; p += 4) hash = rotate(hash ^ load32(p) * prime1, 23) * prime2 + prime3;
  for (; p < end; p++) hash = rotate(hash ^ *p * prime5, 11) * prime1;
  hash = (hash ^ hash >> 33) * prime2;
  hash = (hash ^ hash >> 29) * prime3;
  return hash ^ hash >> 32;
}

/* The pieces' checksums, which threads compute one after the other until none is left. */
struct pieces {
  const unsigned char *payload;
  unsigned char sums[PIECES][8];
  _Atomic int next;
};

static void *sum_pieces(void *argument) {
  struct pieces *pieces = argument;
  const struct resnet8_cifar10_place place = resnet8_cifar10_take_place(0);
  for (;;) {
    const int piece = atomic_fetch_add_explicit(&pieces->next, 1, memory_order_relaxed);
    if (piece >= PIECES) break;
    const size_t start = PIECE_BYTES * (size_t)piece;
    const size_t count = PAYLOAD_BYTES - start < PIECE_BYTES ? PAYLOAD_BYTES - start : PIECE_BYTES;
    const uint64_t sum = resnet8_cifar10_checksum(pieces->payload + start, count);
    memcpy(pieces->sums[piece], &sum, sizeof sum);
  }
  resnet8_cifar10_leave_place(&place);
  return NULL;
}

/*
 * Threads share both the finding of the file's pages and the sums over them. More than four would
 * only wait for memory.
 */
static uint64_t sum_payload(const unsigned char *payload, int processors) {
  enum { MOST_THREADS = 4 };
  struct pieces pieces = {.payload = payload, .next = 0};
  const int wanted = PIECES < MOST_THREADS ? PIECES : MOST_THREADS;
  const int team = resnet8_cifar10_join_team(wanted, processors);
  pthread_t helpers[MOST_THREADS];
  int started = 0;
  while (started < team - 1 && pthread_create(&helpers[started], NULL, sum_pieces, &pieces) == 0)
    started++;
  sum_pieces(&pieces);
  for (int i = 0; i < started; i++) pthread_join(helpers[i], NULL);
  resnet8_cifar10_leave_team(team);
  return resnet8_cifar10_checksum(pieces.sums[0], sizeof pieces.sums);
}

static resnet8_cifar10_status check(
    const unsigned char *file, size_t size, int processors) {
  if (size < PAYLOAD_OFFSET || memcmp(file, "RESNETCW", 8) != 0)
    return RESNET8_CIFAR10_ERROR_NOT_WEIGHTS;
  if (load32(file + 8) != FORMAT_VERSION) return RESNET8_CIFAR10_ERROR_FORMAT_VERSION;
  if (memcmp(file + 16, fingerprint, sizeof fingerprint) != 0)
    return RESNET8_CIFAR10_ERROR_OTHER_MODEL;
  if (load64(file + 48) != PAYLOAD_BYTES) return RESNET8_CIFAR10_ERROR_OTHER_MODEL;
  if (size != PAYLOAD_OFFSET + PAYLOAD_BYTES + 8) return RESNET8_CIFAR10_ERROR_TRUNCATED;
  const unsigned char *payload = file + PAYLOAD_OFFSET;
  if (load64(payload + PAYLOAD_BYTES) != sum_payload(payload, processors))
    return RESNET8_CIFAR10_ERROR_CORRUPT;
  return RESNET8_CIFAR10_OK;
}

resnet8_cifar10_status resnet8_cifar10_map_weights(
    const char *path, int processors, struct resnet8_cifar10_weights *out) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return RESNET8_CIFAR10_ERROR_OPEN;
  struct stat status;
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor);
    return RESNET8_CIFAR10_ERROR_OPEN;
  }
  size_t size = (size_t)status.st_size;
  if (size < PAYLOAD_OFFSET) {
    close(descriptor);
    return RESNET8_CIFAR10_ERROR_NOT_WEIGHTS;
  }
  void *mapping = mmap(NULL, size, PROT_READ, MAP_SHARED, descriptor, 0);
  close(descriptor);
  if (mapping == MAP_FAILED) return RESNET8_CIFAR10_ERROR_OPEN;
  /* Hints only: read ahead, and use large pages where the file system has them. */
  madvise(mapping, size, MADV_WILLNEED);
#ifdef MADV_HUGEPAGE
  madvise(mapping, size, MADV_HUGEPAGE);
#endif
  resnet8_cifar10_status result = check(mapping, size, processors);
  if (result != RESNET8_CIFAR10_OK) {
    munmap(mapping, size);
    return result;
  }
  out->mapping = mapping;
  out->mapping_bytes = size;
  out->payload = (const float *)((const unsigned char *)mapping + PAYLOAD_OFFSET);
  return RESNET8_CIFAR10_OK;
}

void resnet8_cifar10_unmap_weights(const struct resnet8_cifar10_weights *weights) {
  munmap(weights->mapping, weights->mapping_bytes);
}
