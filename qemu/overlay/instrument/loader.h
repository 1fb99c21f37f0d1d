/*
 * Trace instrumentation: starting and ending the user's library.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_LOADER_H
#define INSTRUMENT_LOADER_H

/**
 * qi_load:
 * @path: Shared object to load.
 * @argc: Number of arguments for its qi_init().
 * @argv: The arguments, copied.
 * @errp: Set on failure.
 *
 * Load a library and call its qi_init(). Dynamic instrumentation only, up to
 * QI_MAX_LIBRARIES at a time.
 *
 * Returns: Whether the library is loaded.
 */
bool qi_load(const char *path, int argc, const char **argv, Error **errp);

/**
 * qi_unload:
 * @path: As given to qi_load(). NULL for the only one that is loaded.
 * @errp: Set on failure.
 *
 * Call the library's qi_fini(), remove its callbacks, wait until no thread is
 * inside one, and close the library.
 *
 * Returns: Whether a library was unloaded.
 */
bool qi_unload(const char *path, Error **errp);

/**
 * qi_opt_parse:
 * @optarg: Argument of -instr: [file=]LIBRARY[,arg=STRING]..., without file=
 *          for static instrumentation.
 *
 * Each loads one more library. Exits with a message if the option is wrong or
 * not available.
 */
void qi_opt_parse(const char *optarg);

/**
 * qi_start:
 *
 * Load the libraries given by -instr, or start the one linked in (static).
 * Call once, after the trace backends are up. Exits with a message on failure.
 */
void qi_start(void);

/**
 * qi_stop:
 *
 * The process ends: call qi_fini() of all libraries if that has not happened,
 * remove all callbacks. Runs by itself on exit(), call it before _exit().
 */
void qi_stop(void);

#endif /* INSTRUMENT_LOADER_H */
