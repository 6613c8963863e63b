// Keeps Duga alive under PM2: `pm2 start ecosystem.config.cjs && pm2 save`, and once `pm2 startup` for the boot.
// One process: it brings its own worker threads, and one server holds a DUGA_HOME at a time.
const { join } = require('node:path')

module.exports = {
  apps: [
    {
      name: 'duga',
      cwd: __dirname,
      // `serve face` here runs face anti-spoofing alone, at the root of port 5009, as the old service did.
      args: 'serve',
      script: join(__dirname, 'bin', 'duga.js'),
      interpreter: join(__dirname, 'node_modules', '.bin', 'node'),
      exec_mode: 'fork',
      instances: 1,
      autorestart: true,
      exp_backoff_restart_delay: 200,
      // Time to finish the requests that are under way before the process is killed.
      kill_timeout: 30_000,
      time: true,
      env: { NODE_ENV: 'production' },
    },
  ],
}
