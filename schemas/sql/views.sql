-- Views of a trace file.  Programs of ours make them anew as temporary views and trust none
-- in the file.

CREATE VIEW crossing ( -- every change between ring 3 and ring 0
	id, -- the event
	time, cpu, tid, pid,
	direction, -- in: 3 to 0, out: 0 to 3
	cause, -- what entered, or what is being left
	way, -- the instruction or mechanism
	rip -- in user space
) AS
SELECT id, enter, cpu, tid, pid, 'in', 'syscall', 'syscall', rip FROM syscall
UNION ALL SELECT exit_event, exit, exit_cpu, tid, pid, 'out', 'syscall', 'sysret', rip
	FROM syscall WHERE exit_way = 1
UNION ALL SELECT id, enter, cpu, tid, pid, 'in', 'page fault', 'page fault', rip
	FROM page_fault WHERE user
UNION ALL SELECT exit_event, exit, exit_cpu, tid, pid, 'out', 'page fault',
	CASE exit_way WHEN 1 THEN 'sysret' ELSE 'iret' END, rip
	FROM page_fault WHERE exit_way IN (1, 2)
UNION ALL SELECT id, enter, cpu, tid, pid, 'in', kind, kind, rip FROM trap WHERE user
UNION ALL SELECT exit_event, exit, exit_cpu, tid, pid, 'out', kind,
	CASE exit_way WHEN 1 THEN 'sysret' ELSE 'iret' END, rip
	FROM trap WHERE exit_way IN (1, 2)
UNION ALL SELECT id, time, cpu, tid, pid, 'out', cause, way, rip FROM crossing_rest;
