/* The subcommands.  Each takes its words (argv[0] is its name) and returns the
 * exit status; messages go to stderr as "ringscope: what failed: why". */
#ifndef TRACER_CLI_COMMAND_H
#define TRACER_CLI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/error.h"

int run_main(int argc, char **argv);
int shell_main(int argc, char **argv);
int attach_main(int argc, char **argv);
int ctl_main(int argc, char **argv);
int info_main(int argc, char **argv);
int pack_main(int argc, char **argv);
int report_main(int argc, char **argv);
int strace_main(int argc, char **argv);
int sql_main(int argc, char **argv);
int export_main(int argc, char **argv);
int check_main(int argc, char **argv);
int diff_main(int argc, char **argv);
int profile_main(int argc, char **argv);
int crash_main(int argc, char **argv);
int gdb_main(int argc, char **argv);
int replay_main(int argc, char **argv);
int ps_main(int argc, char **argv);
int stacks_main(int argc, char **argv);
int salvage_main(int argc, char **argv);

/* Is it a word that --tables takes? */
bool tables_when_ok(const char *text);

/* `run` or `shell` (argv[0]) with options up to first, beside the viewer. */
int run_view(char **argv, int first, const char *output);

/* Print the message and return its status. */
int complain(const struct error *why);
/* "unknown option ...; see `ringscope NAME --help`": returns status. */
int complain_usage(const char *command, const char *what, const char *word, int status);
/* On a terminal, show how far decoding is. */
void progress_show(uint64_t done, uint64_t all);

#endif
