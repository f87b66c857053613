/* Preloaded: a file system is as large as the file `$SPACES` says, by lines `path total free`. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

static int told(const char *path, unsigned long *total, unsigned long *left) {
  char line[5000], name[4100];
  const char *where = getenv("SPACES");
  FILE *file = where ? fopen(where, "r") : NULL;
  int found = 0;
  if (!file) return 0;
  while (!found && fgets(line, sizeof line, file))
    found = sscanf(line, "%4099s %lu %lu", name, total, left) == 3 && strcmp(name, path) == 0;
  fclose(file);
  return found;
}

#define STATVFS(function, type) \
  int function(const char *path, struct type *out) { \
    unsigned long total, left; \
    if (!told(path, &total, &left)) { \
      int (*real)(const char *, struct type *) = dlsym(RTLD_NEXT, #function); \
      return real(path, out); \
    } \
    memset(out, 0, sizeof *out); \
    out->f_bsize = out->f_frsize = 4096; \
    out->f_blocks = total / 4096; \
    out->f_bfree = out->f_bavail = left / 4096; \
    return 0; \
  }

STATVFS(statvfs, statvfs)
STATVFS(statvfs64, statvfs64)
