#ifndef SESAME_CPROCESS_H
#define SESAME_CPROCESS_H

/// Makes the kernel kill this process when its parent ends. Does nothing where the system has no such request.
void sesame_end_with_parent(void);

#endif
