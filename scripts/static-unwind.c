/* What Debian's unwinder asks of the C library, and musl doesn't answer: where the code that holds an
   address keeps its tables. Without it a panic, or an error with RUST_BACKTRACE=1, ends in SIGABRT.
   scripts/static-build.sh puts it into static binaries that are built with Debian's rustc-web. */
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>

/* As in glibc's dlfcn.h, for x86_64 and aarch64. */
struct dl_find_object {
    unsigned long long flags;
    void *map_start, *map_end, *link_map, *eh_frame;
    unsigned long long reserved[7];
};

struct search {
    ElfW(Addr) address;
    struct dl_find_object *found;
};

static int look_into(struct dl_phdr_info *object, size_t size, void *data) {
    struct search *search = data;
    ElfW(Addr) tables = 0;
    int is_here = 0;
    (void)size;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        ElfW(Addr) begin = object->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_GNU_EH_FRAME) tables = begin;
        if (part->p_type == PT_LOAD && search->address - begin < part->p_memsz) {
            is_here = 1;
            search->found->map_start = (void *)begin;
            search->found->map_end = (void *)(begin + part->p_memsz);
        }
    }
    search->found->eh_frame = (void *)tables;
    return is_here && tables;
}

int _dl_find_object(void *address, struct dl_find_object *found) {
    struct search search = { (ElfW(Addr))address, found };
    found->flags = 0;
    found->link_map = 0;
    return dl_iterate_phdr(look_into, &search) ? 0 : -1;
}

/* The unwinder calls these if they are there, but nothing else of it makes the linker take them in. */
void *const ccwatch_called_by_the_unwinder[] = {
    (void *)pthread_once,       (void *)pthread_mutex_lock,  (void *)pthread_mutex_unlock,
    (void *)pthread_key_create, (void *)pthread_getspecific, (void *)pthread_setspecific,
};
