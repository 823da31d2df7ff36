# Commands for a guest, in gdb's own language: `help ringscope` lists them.

define ringscope
  help ringscope
end
document ringscope
Commands for the guest:
  why          what this CPU is doing, in a few lines
  threads      all threads of all programs
  task [TID]   one thread: state, and where it came into the kernel
  pagewalk A   the page tables' entries for an address
  ring         the trace rings, and the last records of each
In a replay, which can go backwards:
  last-writer A  back to who wrote to an address last
end

# The frame of a thread that came in from ring 3.
define rs_frame
  if $arg0->vector == 0x100
    printf "in system call %ld, ", $arg0->error
  else
    printf "in vector %lu (error %#lx), ", $arg0->vector, $arg0->error
  end
  printf "came from "
  info symbol $arg0->rip
end

define threads
  printf "  pid   tid name             cpu state            at\n"
  set $rs_process_link = processes.next
  while $rs_process_link != &processes
    set $rs_process = (struct process *)((char *)$rs_process_link - (unsigned long)&((struct process *)0)->all)
    set $rs_link = $rs_process->threads.next
    while $rs_link != &$rs_process->threads
      set $rs_thread = (struct thread *)((char *)$rs_link - (unsigned long)&((struct thread *)0)->process_link)
      printf "%5u %5u %-16s %3u ", $rs_process->pid, $rs_thread->tid, $rs_thread->name, $rs_thread->cpu
      output $rs_thread->state
      printf " "
      info symbol $rs_thread->frame->rip
      set $rs_link = $rs_link->next
    end
    set $rs_process_link = $rs_process_link->next
  end
end
document threads
threads: each thread of each program: process, thread, name, CPU, state, and where in
ring 3 it was last.
end

define task
  set $rs_found = cpus[$_thread - 1]->thread
  if $argc == 1
    set $rs_found = (struct thread *)0
    set $rs_process_link = processes.next
    while $rs_process_link != &processes
      set $rs_process = (struct process *)((char *)$rs_process_link - (unsigned long)&((struct process *)0)->all)
      set $rs_link = $rs_process->threads.next
      while $rs_link != &$rs_process->threads
        set $rs_thread = (struct thread *)((char *)$rs_link - (unsigned long)&((struct thread *)0)->process_link)
        if $rs_thread->tid == $arg0
          set $rs_found = $rs_thread
        end
        set $rs_link = $rs_link->next
      end
      set $rs_process_link = $rs_process_link->next
    end
  end
  if $rs_found == 0
    printf "no such thread\n"
  else
    printf "thread %u %s, CPU %u, state ", $rs_found->tid, $rs_found->name, $rs_found->cpu
    output $rs_found->state
    printf ", last waited for %u\n", $rs_found->wait_reason
    if $rs_found->process != 0
      printf "process %u, %u threads\n", $rs_found->process->pid, $rs_found->process->thread_count
      rs_frame $rs_found->frame
      print /x *$rs_found->frame
    end
  end
end
document task
task [TID]: a thread, by default the one that runs on this CPU: its state, and the frame
with which it came into the kernel last.
end

define pagewalk
  set $rs_address = (unsigned long)($arg0)
  set $rs_table = (unsigned long)$cr3 & ~0xffful
  set $rs_shift = 39
  set $rs_entry = 1ul
  while $rs_shift >= 12 && ($rs_entry & 1)
    set $rs_index = ($rs_address >> $rs_shift) & 511
    # DIRECT_BASE of kernel/arch/x86_64/paging.h: all of memory.
    set $rs_entry = *(unsigned long *)(0xffff888000000000ul + $rs_table + $rs_index * 8)
    printf "  bit %2d: entry %3lu of table %#lx: %#lx", $rs_shift, $rs_index, $rs_table, $rs_entry
    if $rs_entry & 1
      printf " present"
    else
      printf " NOT present"
    end
    if $rs_entry & 2
      printf " writable"
    end
    if $rs_entry & 4
      printf " user"
    end
    if $rs_entry >> 63
      printf " no-execute"
    end
    if $rs_shift > 12 && ($rs_entry & 0x80)
      printf " large"
      set $rs_shift = 12
    end
    printf "\n"
    set $rs_table = $rs_entry & 0xffffffffff000ul
    set $rs_shift = $rs_shift - 9
  end
end
document pagewalk
pagewalk ADDRESS: the entry of each level of the page tables that CR3 names.
end

define ring
  set $rs_cpu = 0
  while $rs_cpu < cpu_count
    set $rs_ring = cpus[$rs_cpu]->ring
    printf "CPU %d: head %#lx, taken %#lx, released %#lx, block %lu bytes\n", $rs_cpu, $rs_ring->head, $rs_ring->taken, $rs_ring->released, $rs_ring->block_mask + 1
    set $rs_start = $rs_ring->head & $rs_ring->block_start
    set $rs_at = $rs_start + sizeof(struct trace_block)
    set $rs_records = 0
    set $rs_word = 1ul << 10
    # A record that is being made has no size yet: it is the last one.
    while $rs_at < $rs_ring->head && $rs_word != 0 && ($rs_ring->head & $rs_ring->block_mask) != $rs_ring->block_mask
      set $rs_word = *(unsigned long *)($rs_ring->memory + ($rs_at & $rs_ring->ring_mask))
      set $rs_at = $rs_at + (($rs_word >> 10) & 255) * 8
      set $rs_records = $rs_records + 1
    end
    printf "  %d records in the open block, the last:\n", $rs_records
    set $rs_at = $rs_start + sizeof(struct trace_block)
    while $rs_records > 0
      set $rs_word = *(unsigned long *)($rs_ring->memory + ($rs_at & $rs_ring->ring_mask))
      if $rs_records <= 12
        printf "  +%#lx ", $rs_at - $rs_start
        output (enum event_id)($rs_word & 1023)
        printf "\n"
      end
      set $rs_at = $rs_at + (($rs_word >> 10) & 255) * 8
      set $rs_records = $rs_records - 1
    end
    set $rs_cpu = $rs_cpu + 1
  end
end
document ring
ring: where the trace ring of each CPU stands, and its last records.
end

define why
  set $rs_thread = cpus[$_thread - 1]->thread
  printf "CPU %d runs thread %u %s", $_thread - 1, $rs_thread->tid, $rs_thread->name
  if $rs_thread->process != 0
    printf " of process %u", $rs_thread->process->pid
  end
  if ($cs & 3) == 3
    printf ", in ring 3 at "
    info symbol $pc
  else
    printf ", in ring 0 at "
    info symbol $pc
    if $rs_thread->process != 0
      rs_frame $rs_thread->frame
      if $rs_thread->frame->vector == 14
        printf "the address it wanted: %#lx\n", $cr2
        pagewalk $cr2
      end
    end
  end
end
document why
why: which thread this CPU runs, in which ring, and by which call, fault or interrupt it
came into the kernel.
end

# Stop when the record at a position of the ring is reserved: position of its block, its own.
define rs_goto
  hbreak *ring_reserve_slow if (((struct ring *)$rdi)->head | ((struct ring *)$rdi)->block_mask) + 1 == $arg0
  commands
    silent
  end
  continue
  delete $bpnum
  set $rs_ring = cpus[0]->ring
  watch *(unsigned long *)&$rs_ring->head
  commands
    silent
  end
  # Not a condition of the watchpoint: gdb would go on by a step, which a replay cannot.
  while $rs_ring->head <= $arg1 || ($rs_ring->head & $rs_ring->block_mask) == $rs_ring->block_mask
    continue
  end
  delete $bpnum
end

# Back to where the program was about to execute an instruction last, which then failed.
# The instruction counts for nothing, so what comes behind it is the same moment.
define rs_before
  hbreak *$arg0
  commands
    silent
  end
  reverse-continue
  delete $bpnum
  set $rs_tries = 2
  while $pc != $arg0 && $rs_tries > 0
    reverse-stepi
    if $pc != $arg0
      stepi
    end
    set $rs_tries = $rs_tries - 1
  end
  if $pc == $arg0
    printf "before the instruction that failed:\n"
  else
    printf "the instruction that failed, at %#lx, was not found again; this is:\n", $arg0
  end
  x/i $pc
end

define last-writer
  set $rs_written = *(unsigned long *)($arg0)
  watch *(unsigned long *)($arg0)
  commands
    silent
  end
  reverse-continue
  delete $bpnum
  # QEMU stops before the instruction, or behind it where it found out too late.
  if *(unsigned long *)($arg0) == $rs_written
    reverse-stepi
  end
  printf "last written by:\n"
  x/i $pc
  backtrace
end
document last-writer
last-writer ADDRESS: in a replay, go back to the instruction that wrote to the eight bytes
at ADDRESS last.
end
