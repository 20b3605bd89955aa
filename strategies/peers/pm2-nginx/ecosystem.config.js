module.exports = {
  apps: [
    {%- for worker in workers %}
    {
      name: 'worker-{{ worker.number }}',
      script: '{{ folder }}/alone.js',
      args: ['{{ worker.host }}', '{{ worker.port }}'],
      exec_mode: 'fork',
      interpreter: '{{ programs.node }}',
      // pm2 adds nothing to the workers and does not examine the working directory.
      pmx: false,
      automation: false,
      vizion: false,
      disable_source_map_support: true,
      watch: false,
    },
    {%- endfor %}
  ],
};
