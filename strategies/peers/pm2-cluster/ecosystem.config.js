module.exports = {
  apps: [
    {
      name: 'worker',
      script: '{{ folder }}/alone.js',
      args: ['{{ host }}', '{{ port }}'],
      exec_mode: 'cluster',
      instances: {{ worker_count }},
      // pm2 adds nothing to the workers and does not examine the working directory.
      pmx: false,
      automation: false,
      vizion: false,
      disable_source_map_support: true,
      watch: false,
    },
  ],
};
