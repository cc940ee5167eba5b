import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Directory } from './application/directory.js';
import { DEMO_DIRECTORY_FILE, YamlDirectory } from './yaml/yaml-directory.js';

@Module({
  providers: [
    {
      provide: Directory,
      inject: [CONFIG],
      useFactory: (config: Config) => YamlDirectory.load(config.directoryFile ?? DEMO_DIRECTORY_FILE),
    },
  ],
  exports: [Directory],
})
export class DirectoryModule {}
