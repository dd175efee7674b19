/// Counts the changes of what kernels cost. Measurements belong to the kernels that they were taken with:
/// those of another revision are not followed, so whoever makes kernels faster or slower adds one.
public let kernelRevision = 1
