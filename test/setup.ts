// Loaded before every test file: an unhandled rejection or a process warning about a leak fails the run.
process.on('unhandledRejection', (reason) => {
  console.error('unhandled rejection', reason)
  process.exit(1)
})
process.on('warning', (warning) => {
  if (warning.name === 'MaxListenersExceededWarning') throw warning
})
