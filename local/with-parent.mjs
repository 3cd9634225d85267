// Preloaded into the processes that "npm start -- --processes" starts: each ends in order when its
// parent is gone, however that ended, so that nothing is left behind after kill -9.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
